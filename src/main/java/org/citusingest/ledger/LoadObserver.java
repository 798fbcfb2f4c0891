package org.citusingest.ledger;

import java.util.List;

/**
 * Hears what becomes of the loads of this process, on the threads that load: what it does must be
 * quick, and throw nothing.
 */
public interface LoadObserver {
    /** An attempt at loading it begins. */
    default void claimed(Claim claim) {}

    /** A piece of the work is done, for one load or for several that share it. */
    default void worked(List<Claim> claims, Work work) {}

    /** All rows are in. */
    default void loaded(Claim claim, long rows, long rejected, double seconds) {}

    /** None of the rows is in, and that is final. */
    default void failed(Claim claim, String error) {}

    /** There is nothing to load. */
    default void skipped(Claim claim, String reason) {}

    /** It did not end, and waits for another attempt. */
    default void retried(Claim claim, String error) {}

    /** The rows are in, but what was to follow did not go well. */
    default void failedAfterLoad(Claim claim, String error) {}

    /**
     * A piece of work on loads.
     *
     * @param startNanos when it began, on the clock of {@link System#nanoTime}
     * @param endNanos when it was done
     */
    record Work(Kind kind, long rows, long bytes, long startNanos, long endNanos) {}

    /** What is done for a load. */
    enum Kind {
        /** The bytes of a batch come from the source, decompressed. */
        READ,
        /** The rows of a batch are found in them. */
        PARSE,
        /** A COPY statement, from its first row until the server has judged the last one. */
        COPY,
        /** A transaction with rows is committed. */
        COMMIT
    }
}
