package org.citusingest.faults;

import java.util.Locale;
import java.util.Random;
import org.citusingest.ledger.Failpoint;

/** One cell of the grid: a failpoint, what happens there, and how the rows are published. */
record FaultCase(Failpoint failpoint, Fault fault, String publish) {
    /** What happens at the failpoint. */
    enum Fault {
        /** The process ends as by kill -9. */
        KILL,
        /** The step fails as a network does. */
        EXCEPTION,
        /** The process stands still for longer than its lease, and another one goes on. */
        STALL;

        String action() {
            return this == STALL ? "delay:5000" : name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether a load of this kind comes by the failpoint at all. */
    boolean exists() {
        return failpoint != Failpoint.BEFORE_PUBLISH || publish.equals("batch");
    }

    boolean needsBadRows() {
        return failpoint == Failpoint.IN_ISOLATION || failpoint == Failpoint.BEFORE_REJECTS;
    }

    /**
     * Whether blobs that are loaded together come by the failpoint: they are published as a whole,
     * and nothing is written of those that fail together.
     */
    boolean mayLoadTogether() {
        return failpoint != Failpoint.BEFORE_OUTCOME
                && failpoint != Failpoint.BEFORE_REJECTS
                && failpoint != Failpoint.BEFORE_PUBLISH;
    }

    /** What is switched on: the fault, and whatever it takes to get there. */
    String specification(Random random, boolean together) {
        String specification =
                failpoint + "=" + fault.action() + "@" + (together ? 1 : time(random));
        switch (failpoint) {
            // The load has to last until the first beat.
            case BEFORE_HEARTBEAT -> specification += ",MID_COPY=delay:1500";
            // A load has to fail first.
            case BEFORE_OUTCOME, BEFORE_REJECTS -> specification += ",BEFORE_LEDGER=exception";
            default -> {
                if (fault == Fault.STALL) {
                    specification += ",BEFORE_HEARTBEAT=delay:5000";
                }
            }
        }
        return specification;
    }

    private int time(Random random) {
        return switch (failpoint) {
            // Of these there is one in every load with rows, and in publish=batch in every batch.
            case AFTER_CLAIM, AFTER_OPEN, BEFORE_LEDGER, BEFORE_COMMIT, AFTER_COMMIT ->
                    1 + random.nextInt(2);
            default -> 1;
        };
    }

    @Override
    public String toString() {
        return "%s at %s, publish=%s".formatted(fault, failpoint, publish).toLowerCase(Locale.ROOT);
    }
}
