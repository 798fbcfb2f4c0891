package org.citusingest.ledger;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Renews the leases of the loads that this process holds, three times within each lease. */
final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private final Ledger ledger;
    private final Duration lease;
    private final Set<Long> held = ConcurrentHashMap.newKeySet();
    private ScheduledExecutorService timer;
    private ScheduledFuture<?> beats;

    Heartbeat(Ledger ledger, Duration lease) {
        this.ledger = ledger;
        this.lease = lease;
    }

    synchronized void hold(long id) {
        held.add(id);
        if (timer == null) {
            timer =
                    Executors.newSingleThreadScheduledExecutor(
                            task -> {
                                Thread thread = new Thread(task, "citus-ingest heartbeat");
                                thread.setDaemon(true);
                                return thread;
                            });
            long period = Math.max(1, lease.toMillis() / 3);
            beats = timer.scheduleWithFixedDelay(this::beat, period, period, TimeUnit.MILLISECONDS);
        }
    }

    void drop(long id) {
        held.remove(id);
    }

    private void beat() {
        List<Long> ids = List.copyOf(held);
        if (ids.isEmpty()) {
            return;
        }
        try {
            Set<Long> lost = new HashSet<>(ids);
            lost.removeAll(ledger.renew(ids));
            // One that was finished while the statement ran is not lost.
            lost.retainAll(held);
            if (!lost.isEmpty()) {
                LOG.warn(
                        "The leases of the loads {} have ended; what this process loads of them will be rolled back",
                        lost);
                held.removeAll(lost);
            }
        } catch (RuntimeException e) {
            LOG.warn(
                    "The leases could not be renewed, and will be tried again: {}", e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        if (timer != null) {
            beats.cancel(false);
            timer.shutdownNow();
            timer = null;
        }
    }
}
