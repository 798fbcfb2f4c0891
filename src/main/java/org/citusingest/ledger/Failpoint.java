package org.citusingest.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A named place in the life of a load, at which a test can make the process fail. Does nothing
 * unless the system property {@code citusingest.failpoints} names it when the process starts, such
 * as {@code BEFORE_COMMIT=kill} or {@code MID_COPY=delay:2000@3,AFTER_CLAIM=exception}: what
 * happens, and after {@code @} at which time of being reached; without it, the first.
 */
public enum Failpoint {
    /** A load has been claimed; nothing of it was read. */
    AFTER_CLAIM,
    /** The source has been opened. */
    AFTER_OPEN,
    /** Some rows of a COPY statement have been sent, and it goes on. */
    MID_COPY,
    /** The server has taken the rows of a COPY statement. */
    AFTER_COPY,
    /** All rows are in the transaction; its ledger rows are not. */
    BEFORE_LEDGER,
    /** The transaction is complete and not committed. */
    BEFORE_COMMIT,
    /** The commit was acknowledged; nobody has been told. */
    AFTER_COMMIT,
    /** With {@code publish=batch}: all batches are committed; the load is not marked. */
    BEFORE_PUBLISH,
    /** The load is published; the step after it has not begun. */
    AFTER_PUBLISH,
    /** A row has been refused, and the others around it are to be found good. */
    IN_ISOLATION,
    /** The load failed, and what it rejected is to be written. */
    BEFORE_REJECTS,
    /** The load failed, and that is to be written. */
    BEFORE_OUTCOME,
    /** The leases are to be renewed. */
    BEFORE_HEARTBEAT;

    private static final Pattern SPECIFICATION =
            Pattern.compile("(\\w+)=(kill|exception|delay:(\\d+))(?:@(\\d+))?");
    private static final int KILLED = 137;

    private static final Map<Failpoint, Armed> ARMED = new ConcurrentHashMap<>();
    private static final Set<Failpoint> FIRED = ConcurrentHashMap.newKeySet();

    private record Armed(String action, long delayMillis, int time, AtomicInteger reached) {}

    static {
        arm(System.getProperty("citusingest.failpoints", ""));
    }

    /** Replaces what is switched on; nothing is by the empty text. */
    static void arm(String specification) {
        ARMED.clear();
        FIRED.clear();
        for (String one : specification.isBlank() ? new String[0] : specification.split(",")) {
            Matcher parts = SPECIFICATION.matcher(one.trim());
            if (!parts.matches()) {
                throw new IllegalArgumentException(
                        "citusingest.failpoints: '%s' is not NAME=kill|exception|delay:MILLIS[@TIME]"
                                .formatted(one));
            }
            ARMED.put(
                    valueOf(parts.group(1)),
                    new Armed(
                            parts.group(2).replaceFirst(":.*", ""),
                            parts.group(3) == null ? 0 : Long.parseLong(parts.group(3)),
                            parts.group(4) == null ? 1 : Integer.parseInt(parts.group(4)),
                            new AtomicInteger()));
        }
    }

    /** Those that have had an effect since they were switched on. */
    static Set<Failpoint> fired() {
        return Set.copyOf(FIRED);
    }

    /** Passes this place: without an effect unless a test has switched it on. */
    public void reach() {
        if (ARMED.isEmpty()) {
            return;
        }
        Armed armed = ARMED.get(this);
        if (armed == null || armed.reached().incrementAndGet() != armed.time()) {
            return;
        }
        FIRED.add(this);
        switch (armed.action()) {
            // No hook runs and nothing is flushed, as after kill -9.
            case "kill" -> Runtime.getRuntime().halt(KILLED);
            case "delay" -> delay(armed.delayMillis());
            default ->
                    // As a network that failed: worth another attempt.
                    throw new UncheckedIOException(
                            new IOException("failpoint " + name().toLowerCase(Locale.ROOT)));
        }
    }

    private static void delay(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
