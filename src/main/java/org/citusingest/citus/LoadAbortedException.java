package org.citusingest.citus;

import java.io.Serial;

/** The load has failed by another of its batches, which tells why. */
public final class LoadAbortedException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    /**
     * @param loads what a person calls them
     */
    LoadAbortedException(String loads, Throwable cause) {
        super(loads + ": another batch of it failed", cause);
    }

    /** Why the load failed: the other batch's failure, where this one only tells of it. */
    static Exception reason(Exception failure) {
        return failure instanceof LoadAbortedException
                        && failure.getCause() instanceof Exception first
                ? first
                : failure;
    }
}
