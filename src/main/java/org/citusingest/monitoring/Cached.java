package org.citusingest.monitoring;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * An answer that is kept for a while, and that nobody waits long for: whoever asks while a question
 * takes its time gets the answer before, unless that is old. There is one question at a time.
 */
final class Cached<T> {
    /** Shorter than what a probe waits. */
    private static final Duration PATIENCE = Duration.ofMillis(800);

    private static final int OLD = 3;

    private final Supplier<T> question;
    private final Duration keep;
    private final Executor executor;
    private CompletableFuture<T> asked;
    private long askedAt;
    private T answer;
    private long answeredAt;

    /**
     * @param question throws nothing
     * @param keep for how long an answer is good
     */
    Cached(Supplier<T> question, Duration keep, Executor executor) {
        this.question = question;
        this.keep = keep;
        this.executor = executor;
    }

    /** Asks, where the answer is not good any more. */
    synchronized void begin() {
        if (asked == null && (answer == null || age() > keep.toNanos())) {
            askedAt = System.nanoTime();
            asked = CompletableFuture.supplyAsync(question, executor);
        }
    }

    private long age() {
        return System.nanoTime() - answeredAt;
    }

    /** The answer; empty where there is none in time, and the one before is old. */
    synchronized Optional<T> get() {
        begin();
        if (asked != null) {
            await();
        }
        return asked == null || (answer != null && age() < OLD * keep.toNanos())
                ? Optional.ofNullable(answer)
                : Optional.empty();
    }

    /** Counted from the question, so that who asks for several waits for them together. */
    private void await() {
        long left = PATIENCE.toNanos() - (System.nanoTime() - askedAt);
        try {
            answer = asked.get(Math.max(0, left), TimeUnit.NANOSECONDS);
            answeredAt = System.nanoTime();
            asked = null;
        } catch (TimeoutException e) {
            // It is waited for by the next one who asks.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            asked = null;
            throw new IllegalStateException(e.getCause());
        }
    }
}
