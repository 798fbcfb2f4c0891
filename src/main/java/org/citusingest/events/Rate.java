package org.citusingest.events;

import java.util.function.LongSupplier;

/** So many in a second, and no more. */
final class Rate {
    private static final long SECOND_NANOS = 1_000_000_000;

    private final int perSecond;
    private final LongSupplier nanoClock;
    private long second;
    private int taken;

    Rate(int perSecond, LongSupplier nanoClock) {
        this.perSecond = perSecond;
        this.nanoClock = nanoClock;
        this.second = nanoClock.getAsLong();
    }

    /** Takes one, unless all of this second are taken. */
    synchronized boolean take() {
        long now = nanoClock.getAsLong();
        if (now - second >= SECOND_NANOS) {
            second = now;
            taken = 0;
        }
        if (taken == perSecond) {
            return false;
        }
        taken++;
        return true;
    }
}
