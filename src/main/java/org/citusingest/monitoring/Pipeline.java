package org.citusingest.monitoring;

import java.time.Instant;
import java.util.Optional;
import org.apache.camel.Consumer;
import org.apache.camel.Route;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedOperation;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.support.service.ServiceHelper;
import org.apache.camel.support.service.ServiceSupport;
import org.citusingest.blobs.BlobsEndpoint;
import org.citusingest.blobs.Sweep;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.PipelineRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pipeline as JMX shows it. What is counted is of this process since its start; what waits and
 * has failed is of the ledger, whichever process loads it.
 */
@ManagedResource(description = "A pipeline")
public final class Pipeline {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);

    private final Route route;
    private final Ledger ledger;
    private final LoadCounters.Counts counts;
    private final LedgerLook look;
    private final Rate rowRate = new Rate();

    Pipeline(Route route, Ledger ledger, LoadCounters.Counts counts, LedgerLook look) {
        this.route = route;
        this.ledger = ledger;
        this.counts = counts;
        this.look = look;
    }

    private Optional<PipelineRecord> record() {
        return look.pipelines().map(all -> all.get(route.getRouteId()));
    }

    @ManagedAttribute(description = "Loads that this process has finished, all rows being in")
    public long getLoads() {
        return counts.loaded.sum();
    }

    @ManagedAttribute(description = "Rows that these loads have brought in")
    public long getRows() {
        return counts.rows.sum();
    }

    @ManagedAttribute(description = "Rows that these loads have rejected")
    public long getRejectedRows() {
        return counts.rejected.sum();
    }

    @ManagedAttribute(description = "Bytes of the blobs of these loads")
    public long getBytes() {
        return counts.bytes.sum();
    }

    @ManagedAttribute(
            description = "Rows copied a second, between the last two times that somebody looked")
    public double getRowsPerSecond() {
        return rowRate.of(counts.copied.sum());
    }

    @ManagedAttribute(description = "Loads that this process is at")
    public int getInFlight() {
        return ledger.inFlight(route.getRouteId());
    }

    @ManagedAttribute(description = "Loads of the ledger that wait; -1 when it cannot be read")
    public long getWaitingLoads() {
        return record().map(PipelineRecord::waiting).orElse(-1L);
    }

    @ManagedAttribute(
            description = "Loads of the ledger that have failed; -1 when it cannot be read")
    public long getFailedLoads() {
        return record().map(PipelineRecord::failed).orElse(-1L);
    }

    @ManagedAttribute(
            description =
                    "For how many seconds the oldest blob is known that is not loaded; -1 when the ledger cannot be read")
    public double getOldestWaitingSeconds() {
        return record().map(PipelineRecord::oldestSeconds).orElse(-1.0);
    }

    @ManagedAttribute(description = "When a load was finished last")
    public String getLastLoad() {
        Instant last =
                record().map(PipelineRecord::lastLoaded)
                        .filter(
                                known ->
                                        counts.lastLoaded == null
                                                || known.isAfter(counts.lastLoaded))
                        .orElse(counts.lastLoaded);
        return last == null ? "" : last.toString();
    }

    @ManagedAttribute(description = "Why a load failed last")
    public String getLastError() {
        String own = counts.lastError;
        return own.isEmpty() ? record().map(PipelineRecord::lastError).orElse("") : own;
    }

    @ManagedAttribute(description = "Whether it takes nothing new")
    public boolean isPaused() {
        return route.getConsumer() instanceof ServiceSupport consumer && consumer.isSuspended();
    }

    @ManagedOperation(description = "Takes nothing new from here on; what is being loaded ends")
    public void pause() {
        ServiceHelper.suspendService(consumer());
        LOG.info("pipeline={} paused", route.getRouteId());
    }

    @ManagedOperation(description = "Takes up a pipeline that was paused")
    public void resume() {
        ServiceHelper.resumeService(consumer());
        LOG.info("pipeline={} resumed", route.getRouteId());
    }

    @ManagedOperation(description = "Lists the container now and loads what is new")
    public void sweepNow() {
        if (!(consumer() instanceof Sweep sweep)) {
            throw new UnsupportedOperationException(
                    "The route %s does not read from blobs:".formatted(route.getRouteId()));
        }
        sweep.sweepNow();
    }

    @ManagedOperation(
            description = "Lets the failed loads of the container be tried again; says how many")
    public int retryFailed() {
        if (!(route.getEndpoint() instanceof BlobsEndpoint blobs)) {
            throw new UnsupportedOperationException(
                    "The route %s does not read from blobs:".formatted(route.getRouteId()));
        }
        int reopened = ledger.reopenFailed(route.getRouteId(), blobs.getContainer());
        LOG.info("pipeline={} retries={}", route.getRouteId(), reopened);
        sweepNow();
        return reopened;
    }

    private Consumer consumer() {
        return route.getConsumer();
    }

    /** How fast a count grows, from one look to the next that is not at once after it. */
    private static final class Rate {
        private static final long SHORTEST_NANOS = 1_000_000_000;

        private long count;
        private long since = System.nanoTime();
        private double rate;

        synchronized double of(long now) {
            long nanos = System.nanoTime() - since;
            if (nanos >= SHORTEST_NANOS) {
                rate = (now - count) * 1e9 / nanos;
                count = now;
                since += nanos;
            }
            return rate;
        }
    }
}
