package org.citusingest.ledger;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finishes what processes have left behind: sees when rows become visible, and runs the summaries
 * that failed or that nobody has run.
 */
final class Upkeep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);

    /** Within this time the route of a load will most likely call its summary itself. */
    private static final Duration ROUTES_OWN_TIME = Duration.ofSeconds(15);

    private final Ledger ledger;
    private final Visibility visibility;
    private final Summaries summaries;
    private ScheduledExecutorService timer;
    private volatile String lastError;

    Upkeep(Ledger ledger, Visibility visibility, Summaries summaries) {
        this.ledger = ledger;
        this.visibility = visibility;
        this.summaries = summaries;
    }

    synchronized void start() {
        if (timer == null) {
            timer =
                    Executors.newSingleThreadScheduledExecutor(
                            task -> {
                                Thread thread = new Thread(task, "citus-ingest upkeep");
                                thread.setDaemon(true);
                                return thread;
                            });
            ScheduledFuture<?> unused =
                    timer.scheduleWithFixedDelay(
                            this::quietly,
                            PERIOD.toMillis(),
                            PERIOD.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    private void quietly() {
        try {
            pass(ROUTES_OWN_TIME);
            lastError = null;
        } catch (RuntimeException e) {
            // Once for an outage, not every few seconds.
            if (!String.valueOf(e.getMessage()).equals(lastError)) {
                lastError = String.valueOf(e.getMessage());
                LOG.warn("The upkeep of the ledger failed and is tried again: {}", lastError);
            }
        }
    }

    /** Does all there is to do once. */
    void pass(Duration waitingFor) {
        if (ledger.isCurrent()) {
            visibility.clearAll();
            summaries.runDue(waitingFor);
        }
    }

    @Override
    public synchronized void close() {
        if (timer != null) {
            timer.shutdownNow();
            timer = null;
        }
    }
}
