package org.citusingest.pgevent;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens from a start to a stop of the route: opens a session, and another one whenever it is
 * lost, never two at once.
 */
final class Listener implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

    private static final Duration FIRST_DELAY = Duration.ofMillis(100);

    /** After so many failures in a row it is no restart any more, and worth a second line. */
    private static final int MANY_FAILURES = 12;

    private final NotificationEndpoint endpoint;
    private final Consumer<Notification> route;
    private final CountDownLatch closed = new CountDownLatch(1);
    private Session session;
    // Of the outage that lasts now; null while there is a session.
    private Instant lostAt;
    private int failures;

    Listener(NotificationEndpoint endpoint, Consumer<Notification> route) {
        this.endpoint = endpoint;
        this.route = route;
    }

    @Override
    public void run() {
        Duration delay = FIRST_DELAY;
        try {
            do {
                Duration longest = endpoint.longestReconnectDelay();
                // A session that is lost at once is no reason to be quick with the next one.
                boolean stable = listen().compareTo(longest) > 0;
                delay = min(stable ? FIRST_DELAY : delay.multipliedBy(2), longest);
            } while (!closed.await(delay.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            // The stop did not wait for the last exchange any longer.
            Thread.currentThread().interrupt();
        }
    }

    /** Listens until the session is lost or the listener closed, and says for how long. */
    private Duration listen() {
        long heardFrom = 0;
        try {
            Session opened = Session.listen(endpoint.connectToListen(), channel());
            heardFrom = System.nanoTime();
            if (keep(opened)) {
                logHeard();
                hear(opened);
            }
        } catch (SQLException | RuntimeException e) {
            logLost(e);
        } finally {
            drop();
        }
        return heardFrom == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - heardFrom);
    }

    /** Returns when the listener is closed. */
    private void hear(Session opened) throws SQLException {
        if (endpoint.isResync()) {
            route.accept(new Notification.Resync());
        }
        while (!isClosed()) {
            for (PGNotification notification : opened.await(endpoint.getPingInterval())) {
                if (isClosed()) {
                    return;
                }
                route.accept(new Notification.Sent(notification.getParameter()));
            }
        }
    }

    /** Whether there is a session now that listens. */
    synchronized boolean isHeard() {
        return session != null;
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Keeps the session for {@link #close}, unless that was already called. */
    private synchronized boolean keep(Session opened) {
        session = opened;
        return !isClosed();
    }

    private synchronized void drop() {
        if (session != null) {
            session.close();
            session = null;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        drop();
    }

    private String channel() {
        return endpoint.getChannel();
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void logLost(Exception reason) {
        if (isClosed()) {
            return;
        }
        failures++;
        LOG.debug("The channel {} is not heard, failure {}", channel(), failures, reason);
        if (lostAt == null) {
            lostAt = Instant.now();
            LOG.warn(
                    "The channel {} is not heard: {}; a new session is tried for, notifications until then are missed",
                    channel(),
                    oneLine(reason));
        } else if (failures == MANY_FAILURES) {
            LOG.warn(
                    "The channel {} is not heard since {}: {}; it is tried on",
                    channel(),
                    lostAt,
                    oneLine(reason));
        }
    }

    private void logHeard() {
        if (lostAt != null) {
            LOG.info("The channel {} is heard again; it was not since {}", channel(), lostAt);
        }
        lostAt = null;
        failures = 0;
    }

    private static String oneLine(Exception reason) {
        String message = reason.getMessage() == null ? reason.toString() : reason.getMessage();
        return message.strip().replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
