package org.citusingest.ledger;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of the loads that this process holds, three times within each lease, and tells
 * those who work on a load when it is lost: when it is another's, or when for a whole lease nobody
 * could say that it is not.
 */
final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private final Function<Collection<Long>, Claims.Renewal> renew;
    private final long leaseNanos;
    private final Map<Long, Held> held = new ConcurrentHashMap<>();
    private ScheduledExecutorService timer;

    /** A load, and when its lease was last known to be good: on the clock of this process. */
    private static final class Held {
        private final Claim claim;
        private final List<Runnable> onLost = new CopyOnWriteArrayList<>();
        private volatile long goodAt;

        Held(Claim claim, long goodAt) {
            this.claim = claim;
            this.goodAt = goodAt;
        }
    }

    Heartbeat(Function<Collection<Long>, Claims.Renewal> renew, Duration lease) {
        this.renew = renew;
        this.leaseNanos = lease.toNanos();
    }

    synchronized void hold(Claim claim) {
        Held before = held.put(claim.id(), new Held(claim, System.nanoTime()));
        if (before != null) {
            tell(before);
        }
        if (timer == null) {
            // More than one thread: two beats may hang in the database, the watch must still see
            // the lease end.
            timer =
                    Executors.newScheduledThreadPool(
                            3,
                            task -> {
                                Thread thread = new Thread(task, "citus-ingest heartbeat");
                                thread.setDaemon(true);
                                return thread;
                            });
            every(leaseNanos / 3, () -> beat(held.keySet()));
            every(leaseNanos / 20, this::watch);
        }
    }

    private void every(long nanos, Runnable task) {
        long period = Math.max(TimeUnit.MILLISECONDS.toNanos(1), nanos);
        ScheduledFuture<?> unused =
                timer.scheduleWithFixedDelay(task, period, period, TimeUnit.NANOSECONDS);
    }

    boolean holds(Claim claim) {
        Held now = held.get(claim.id());
        return now != null && now.claim.generation() == claim.generation();
    }

    int count(String pipeline) {
        return (int)
                held.values().stream().filter(one -> one.claim.pipeline().equals(pipeline)).count();
    }

    void drop(Claim claim) {
        held.computeIfPresent(
                claim.id(), (id, now) -> now.claim.generation() == claim.generation() ? null : now);
    }

    /** Has the action run when the claim is lost, at once if it is not held any more. */
    void onLost(Claim claim, Runnable action) {
        Held now = held.get(claim.id());
        if (now == null || now.claim.generation() != claim.generation()) {
            action.run();
        } else {
            now.onLost.add(action);
            if (held.get(claim.id()) != now) {
                action.run();
            }
        }
    }

    /** Lets go of everything, as if it were lost. */
    void loseAll() {
        held.values().forEach(this::lose);
    }

    private void beat(Collection<Long> which) {
        List<Held> asked = which.stream().map(held::get).filter(one -> one != null).toList();
        if (asked.isEmpty()) {
            return;
        }
        // The lease is counted from before the statement: the database began it later.
        long now = System.nanoTime();
        try {
            Failpoint.BEFORE_HEARTBEAT.reach();
            Claims.Renewal renewal =
                    renew.apply(asked.stream().map(one -> one.claim.id()).toList());
            for (Held one : asked) {
                if (renewal.renewed().contains(one.claim.id())
                        || renewal.locked().contains(one.claim.id())) {
                    one.goodAt = now;
                } else if (held.get(one.claim.id()) == one) {
                    // One that was finished while the statement ran is not lost.
                    LOG.warn(
                            "The lease of load {} has ended; what this process loads of it will be rolled back",
                            one.claim.id());
                    lose(one);
                }
            }
            again(renewal.locked());
        } catch (RuntimeException e) {
            LOG.warn(
                    "The leases could not be renewed, and will be tried again: {}", e.getMessage());
        }
    }

    // A row is locked for a moment whenever a range is committed: its turn comes soon.
    private synchronized void again(Collection<Long> locked) {
        if (!locked.isEmpty() && timer != null) {
            ScheduledFuture<?> unused =
                    timer.schedule(() -> beat(locked), leaseNanos / 30, TimeUnit.NANOSECONDS);
        }
    }

    private void watch() {
        long now = System.nanoTime();
        for (Held one : held.values()) {
            if (now - one.goodAt > leaseNanos) {
                LOG.warn(
                        "The lease of load {} could not be renewed in time, and another process may load it now;"
                                + " what this process loads of it will be rolled back",
                        one.claim.id());
                lose(one);
            }
        }
    }

    private void lose(Held one) {
        if (held.remove(one.claim.id(), one)) {
            tell(one);
        }
    }

    private static void tell(Held one) {
        for (Runnable action : one.onLost) {
            try {
                action.run();
            } catch (RuntimeException e) {
                LOG.warn("load={} could not be stopped: {}", one.claim.id(), e.getMessage());
            }
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
