package org.citusingest.faults;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A fault that a proxy makes, and how often it has made it. */
public final class Rule<T, A> {
    private final Predicate<? super T> what;
    private final int first;
    private final int times;
    private final A action;
    private final AtomicInteger seen = new AtomicInteger();
    private final AtomicInteger hits = new AtomicInteger();

    Rule(Predicate<? super T> what, int first, int times, A action) {
        this.what = what;
        this.first = first;
        this.times = times;
        this.action = action;
    }

    boolean isDue(T passing) {
        if (!what.test(passing)) {
            return false;
        }
        int number = seen.incrementAndGet();
        return number >= first && number - first < times;
    }

    A action() {
        return action;
    }

    void hit() {
        hits.incrementAndGet();
    }

    /** How often the fault has happened; a test asserts that, or it may have tested nothing. */
    public int hits() {
        return hits.get();
    }

    /** How often something passed that the rule is about, with or without a fault. */
    public int seen() {
        return seen.get();
    }
}
