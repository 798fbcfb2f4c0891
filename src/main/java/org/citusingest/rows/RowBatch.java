package org.citusingest.rows;

import java.util.List;

/** Some consecutive rows of one source: the unit that is copied to the database. */
public interface RowBatch {
    /** The names of the columns as the source has them; empty when it has none. */
    List<String> columns();

    /**
     * What stands before the first row of the source, as rows are in {@link RowCursor#raw()} and
     * without the line end: raw rows after it are a source of the same form. Empty when there is
     * nothing.
     */
    default byte[] header() {
        return new byte[0];
    }

    /** Which of the sources that are read one after the other they are from, counted from 0. */
    default int source() {
        return 0;
    }

    /** Where these rows stand in their source. */
    Span span();

    /** How many rows there are; 0 for a source without rows, which still gives one batch. */
    int size();

    /** A new cursor that stands before the first row. */
    RowCursor cursor();

    /** When they were read and found; null where that is not known. */
    default Timing timing() {
        return null;
    }

    /** Says that the rows have been used and their memory may be used again. */
    default void release() {}

    /** Says that no more batches of this source are wanted, since its load has ended. */
    default void stop() {}

    /**
     * When a batch was made, on the clock of {@link System#nanoTime}.
     *
     * @param from when the reader began with it
     * @param readNanos for how long it waited for the source, and decompressed
     * @param to when its rows had been found
     */
    record Timing(long from, long readNanos, long to) {}

    /**
     * A range of a source.
     *
     * @param number the number of the batch in its source, counted from 0
     * @param firstRow the number of the first row, counted from 1
     * @param from the first byte, counted from 0 in the decompressed source; or the first row where
     *     the source has no bytes
     * @param to the byte after the last one; or the row after the last one
     */
    record Span(long number, long firstRow, long from, long to) {}
}
