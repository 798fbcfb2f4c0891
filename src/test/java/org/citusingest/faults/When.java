package org.citusingest.faults;

import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The first half of a {@link Rule}: which messages or requests it meets; the first, if not said.
 */
public final class When<T, A> {
    private final Predicate<? super T> what;
    private final Consumer<Rule<T, A>> rules;
    private final int first;
    private final int times;

    When(Predicate<? super T> what, Consumer<Rule<T, A>> rules, int first, int times) {
        this.what = what;
        this.rules = rules;
        this.first = first;
        this.times = times;
    }

    /** Not the first of them but this one, counted from 1. */
    public When<T, A> nth(int number) {
        return new When<>(what, rules, number, times);
    }

    /** So many of them, one after the other. */
    public When<T, A> times(int number) {
        return new When<>(what, rules, first, number);
    }

    /** All of them. */
    public When<T, A> always() {
        return times(Integer.MAX_VALUE);
    }

    /** What happens to them, from now on. */
    public Rule<T, A> then(A action) {
        Rule<T, A> rule = new Rule<>(what, first, times, action);
        rules.accept(rule);
        return rule;
    }
}
