package org.citusingest.faults;

import java.util.Random;

/** Where the choices of a random test come from: the same seed makes the same choices. */
final class Seed {
    private static final long SEED = Long.getLong("faults.seed", System.nanoTime() % 1_000_000);

    private Seed() {}

    /** Prints the seed, so that a failure can be replayed, and begins its choices. */
    static Random random(String forWhat) {
        System.out.printf("%s: -Dfaults.seed=%d%n", forWhat, SEED);
        // Every case its own: leaving one out does not change the others.
        return new Random(SEED * 31 + forWhat.hashCode());
    }
}
