package org.citusingest.monitoring;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.function.ToDoubleFunction;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.LoadObserver;
import org.citusingest.ledger.PipelineRecord;
import org.citusingest.monitoring.Page.Answer;

/**
 * What Prometheus reads. Counters and histograms are of this process; {@code citus_ingest_ledger_*}
 * are of the ledger, and so the same in each process. No label is the name of a blob, or has any
 * other value without bounds.
 */
final class Metrics implements LoadObserver, AutoCloseable {
    private static final String PIPELINE = "pipeline";
    private static final String STATE = "state";
    private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final Duration[] STATEMENTS =
            seconds(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60);
    private static final Duration[] LOADS =
            seconds(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200);

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Map<String, Timer> copies = new ConcurrentHashMap<>();
    private final Map<String, Timer> loads = new ConcurrentHashMap<>();
    private final Map<String, Timer> eventsToVisible = new ConcurrentHashMap<>();
    private final List<LedgerGauge> ofLedger = new ArrayList<>();
    private final LedgerLook look;
    private volatile double ledgerRead;

    private record LedgerGauge(
            MultiGauge gauge, Tags tags, ToDoubleFunction<PipelineRecord> value) {}

    private static Duration[] seconds(double... bounds) {
        Duration[] durations = new Duration[bounds.length];
        for (int i = 0; i < bounds.length; i++) {
            durations[i] = Duration.ofMillis(Math.round(bounds[i] * 1000));
        }
        return durations;
    }

    Metrics(LedgerLook look, Collection<HikariDataSource> pools, IntSupplier brokenRouteFiles) {
        this.look = look;
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
        pools.forEach(
                pool ->
                        pool.setMetricsTrackerFactory(
                                new MicrometerMetricsTrackerFactory(registry)));
        gauges();
        Gauge.builder("citus.ingest.ledger.up", () -> ledgerRead)
                .description("1 when the ledger could be read for these metrics, else 0")
                .register(registry);
        Gauge.builder("citus.ingest.broken.route.files", brokenRouteFiles::getAsInt)
                .description("Route files that cannot be used")
                .register(registry);
    }

    private void gauges() {
        MultiGauge loadsByState =
                MultiGauge.builder("citus.ingest.ledger.loads")
                        .description("Loads of the ledger that are not loaded, by their state")
                        .register(registry);
        ofLedger.add(
                new LedgerGauge(loadsByState, Tags.of(STATE, "waiting"), PipelineRecord::waiting));
        ofLedger.add(
                new LedgerGauge(loadsByState, Tags.of(STATE, "loading"), PipelineRecord::loading));
        ofLedger.add(
                new LedgerGauge(loadsByState, Tags.of(STATE, "failed"), PipelineRecord::failed));
        ofLedger.add(
                gauge(
                        "citus.ingest.ledger.waiting.bytes",
                        "Size of the blobs that wait",
                        PipelineRecord::waitingBytes));
        ofLedger.add(
                gauge(
                        "citus.ingest.ledger.oldest.seconds",
                        "Since when the oldest blob is known that is not loaded: the lag; 0 where there is none",
                        PipelineRecord::oldestSeconds));
        ofLedger.add(
                gauge(
                        "citus.ingest.ledger.last.load.timestamp.seconds",
                        "When a load was finished last, in seconds since 1970; 0 where none was",
                        one ->
                                one.lastLoaded() == null
                                        ? 0
                                        : one.lastLoaded().toEpochMilli() / 1e3));
    }

    private LedgerGauge gauge(String name, String text, ToDoubleFunction<PipelineRecord> value) {
        return new LedgerGauge(
                MultiGauge.builder(name).description(text).register(registry), Tags.empty(), value);
    }

    /** Shows the counters of a pipeline. */
    void count(String pipeline, LoadCounters.Counts counts) {
        Tags tags = Tags.of(PIPELINE, pipeline);
        String ended = "Loads that this process has ended, by their state";
        counter("loads", ended, counts.loaded, tags.and(STATE, "loaded"));
        counter("loads", ended, counts.failed, tags.and(STATE, "failed"));
        counter("loads", ended, counts.skipped, tags.and(STATE, "skipped"));
        counter("claims", "Attempts at loads that have begun", counts.claims, tags);
        counter("retries", "Attempts that are to be made again", counts.retries, tags);
        counter("rows", "Rows that are in", counts.rows, tags);
        counter("rejected.rows", "Rows that were rejected", counts.rejected, tags);
        counter("bytes", "Bytes of the blobs that were loaded", counts.bytes, tags);
        counter("batches", "Batches of rows that were parsed", counts.batches, tags);
        counter("copied.rows", "Rows that were copied, committed or not", counts.copied, tags);
        counter(
                "loads.without.event",
                "Loads that are in, and that no event had told of when they were claimed",
                counts.withoutEvent,
                tags);
        copy(pipeline);
        load(pipeline);
        eventToVisible(pipeline);
    }

    private void counter(String name, String text, LongAdder count, Tags tags) {
        FunctionCounter.builder("citus.ingest." + name, count, LongAdder::sum)
                .description(text)
                .tags(tags)
                .register(registry);
    }

    private Timer copy(String pipeline) {
        return copies.computeIfAbsent(
                pipeline,
                name ->
                        timer(
                                "citus.ingest.copy",
                                "Time from the first row of a COPY statement until the server has taken the last one",
                                name,
                                STATEMENTS));
    }

    private Timer eventToVisible(String pipeline) {
        return eventsToVisible.computeIfAbsent(
                pipeline,
                name ->
                        timer(
                                "citus.ingest.event.to.visible",
                                "Time from a blob's event until its rows are in, by the clocks of the storage and of this machine",
                                name,
                                LOADS));
    }

    private Timer load(String pipeline) {
        return loads.computeIfAbsent(
                pipeline,
                name ->
                        timer(
                                "citus.ingest.load",
                                "Time from the first batch of a load until its rows are in",
                                name,
                                LOADS));
    }

    private Timer timer(String name, String text, String pipeline, Duration... bounds) {
        return Timer.builder(name)
                .description(text)
                .tag(PIPELINE, pipeline)
                .serviceLevelObjectives(bounds)
                .register(registry);
    }

    @Override
    public void worked(List<Claim> claims, Work work) {
        if (work.kind() == Kind.COPY) {
            copy(claims.get(0).pipeline())
                    .record(work.endNanos() - work.startNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void loaded(Claim claim, long rows, long rejected, double seconds) {
        load(claim.pipeline()).record(Math.round(seconds * 1e9), TimeUnit.NANOSECONDS);
        if (claim.eventAt() != null) {
            Duration since = Duration.between(claim.eventAt(), Instant.now());
            // The clock of the storage may be ahead of this one.
            eventToVisible(claim.pipeline()).record(since.isNegative() ? Duration.ZERO : since);
        }
    }

    /** All of them, as they are now. */
    Answer page(boolean known) {
        Map<String, PipelineRecord> pipelines = look.pipelines().orElse(null);
        ledgerRead = pipelines == null ? 0 : 1;
        show(pipelines == null ? List.of() : pipelines.values());
        return new Answer(200, CONTENT_TYPE, registry.scrape());
    }

    private synchronized void show(Collection<PipelineRecord> pipelines) {
        Map<MultiGauge, List<MultiGauge.Row<?>>> rows = new java.util.LinkedHashMap<>();
        for (LedgerGauge one : ofLedger) {
            List<MultiGauge.Row<?>> into =
                    rows.computeIfAbsent(one.gauge(), unused -> new ArrayList<>());
            for (PipelineRecord pipeline : pipelines) {
                into.add(
                        MultiGauge.Row.of(
                                one.tags().and(PIPELINE, pipeline.pipeline()),
                                one.value().applyAsDouble(pipeline)));
            }
        }
        rows.forEach((gauge, values) -> gauge.register(values, true));
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
