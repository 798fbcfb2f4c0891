package org.citusingest.faults;

import java.util.Random;

/** Where the choices of a random test come from: the same seed makes the same choices. */
final class Seed {
    private static final long CHOSEN = System.nanoTime() % 1_000_000;

    private Seed() {}

    /**
     * Prints the seed, so that a failure can be replayed, and begins its choices.
     *
     * @param property the system property that sets the seed
     */
    static Random random(String property, String forWhat) {
        long seed = Long.getLong(property, CHOSEN);
        System.out.printf("%s: -D%s=%d%n", forWhat, property, seed);
        // Every case its own: leaving one out does not change the others.
        return new Random(seed * 31 + forWhat.hashCode());
    }
}
