package org.citusingest.citus;

import org.citusingest.rows.RowBatch;

/** A load whose rows are on their way. Its batches may come on several threads. */
sealed interface OpenLoad permits ClaimedLoads, LoadedBefore {
    /** Copies the rows of a batch. When it fails, so does the load. */
    void copy(CitusEndpoint endpoint, RowBatch batch) throws Exception;

    /**
     * The number of the first row of a list that a collating split made: all its lists but the last
     * have one size.
     *
     * @param number the number of the list, counted from 0
     * @param size how many rows it has; 0 for the last one
     */
    long firstRow(CitusEndpoint endpoint, int number, int size) throws InterruptedException;

    /**
     * Makes the rows visible, all of them.
     *
     * @param batches how many batches the source has
     */
    LoadTotals publish(long batches) throws Exception;

    /** Takes back whatever was copied and not committed. */
    void abort(Throwable cause);

    /** Closes its connections under whatever is going on, without waiting for it. */
    default void abandon() {}
}
