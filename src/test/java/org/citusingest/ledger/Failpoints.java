package org.citusingest.ledger;

import java.util.Set;

/** The failpoints of this process, for tests in other packages. */
public final class Failpoints {
    private Failpoints() {}

    /** Switches these on, as the system property does, and all others off. */
    public static void arm(String specification) {
        Failpoint.arm(specification);
    }

    /** Switches all off. */
    public static void disarm() {
        Failpoint.arm("");
    }

    /** Those that have had an effect since they were switched on. */
    public static Set<Failpoint> fired() {
        return Failpoint.fired();
    }
}
