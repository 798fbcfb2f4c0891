package org.citusingest.console;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * The one account of the console. After a few wrong attempts in a row each further one makes the
 * next wait, twice as long as the one before; who is logged in notices nothing.
 */
final class Account {
    private static final int FREE_ATTEMPTS = 5;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private final String user;
    private final byte[] digest;
    private final Clock clock;
    private int wrong;
    private Instant closedUntil = Instant.MIN;

    /** What an attempt has led to. */
    sealed interface Outcome {
        record Right() implements Outcome {}

        record Wrong() implements Outcome {}

        /** Nothing was compared: the next attempt may come after that many seconds. */
        record Closed(long seconds) implements Outcome {}
    }

    Account(String user, String password, Clock clock) {
        this.user = user;
        this.digest = digest(user, password);
        this.clock = clock;
    }

    String user() {
        return user;
    }

    /** Compares in a time that tells nothing of how much is right. */
    synchronized Outcome attempt(String attemptedUser, String attemptedPassword) {
        Instant now = clock.instant();
        if (now.isBefore(closedUntil)) {
            return new Outcome.Closed(Duration.between(now, closedUntil).toSeconds() + 1);
        }
        if (MessageDigest.isEqual(digest, digest(attemptedUser, attemptedPassword))) {
            wrong = 0;
            return new Outcome.Right();
        }
        wrong++;
        if (wrong >= FREE_ATTEMPTS) {
            int doublings = Math.min(wrong - FREE_ATTEMPTS, 30);
            Duration wait = Duration.ofSeconds(1L << doublings);
            closedUntil = now.plus(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT);
        }
        return new Outcome.Wrong();
    }

    /** Of the same length for every user and password. */
    private static byte[] digest(String user, String password) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(sha.digest(user.getBytes(StandardCharsets.UTF_8)));
            return sha.digest(password.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
