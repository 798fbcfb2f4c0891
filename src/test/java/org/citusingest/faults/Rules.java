package org.citusingest.faults;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** The faults that a proxy has been told to make. */
final class Rules<T, A> {
    private final List<Rule<T, A>> rules = new CopyOnWriteArrayList<>();

    When<T, A> on(Predicate<? super T> what) {
        return new When<>(what, rules::add, 1, 1);
    }

    /** Whether what passes is to be met by a fault: the oldest rule that says so. */
    Optional<Rule<T, A>> meet(T passing) {
        Optional<Rule<T, A>> met = Optional.empty();
        for (Rule<T, A> rule : rules) {
            // All of them count, whichever acts.
            if (rule.isDue(passing) && met.isEmpty()) {
                met = Optional.of(rule);
            }
        }
        return met;
    }

    void clear() {
        rules.clear();
    }
}
