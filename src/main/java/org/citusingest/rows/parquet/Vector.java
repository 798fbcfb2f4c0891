package org.citusingest.rows.parquet;

import java.io.IOException;
import java.util.BitSet;
import org.citusingest.rows.ColumnBatch;

/** The values of a column that have been decoded and are not yet in a batch. */
abstract class Vector {
    private int rows;
    private BitSet nulls = new BitSet();

    /**
     * Decodes the next row and appends its value.
     *
     * @return false when it is NULL; nothing is then appended
     */
    abstract boolean append(int row) throws IOException;

    /** How many bytes the first rows take. */
    abstract long bytes(int rows);

    /** Gives away the values of the first rows, and keeps those of the rest. */
    abstract ColumnBatch.Column cut(int rows, int rest, BitSet nulls);

    /** Makes sure that there is no row more. */
    abstract void requireEnd() throws IOException;

    /**
     * Decodes until there are so many rows, or those from {@code from} on take more than allowed.
     *
     * @return how many bytes the rows from {@code from} on take
     */
    final long fill(int from, int to, long allowed) throws IOException {
        long before = bytes(from);
        while (rows < to && bytes(rows) - before <= allowed) {
            if (!append(rows)) {
                nulls.set(rows);
            }
            rows++;
        }
        return bytes(Math.min(rows, to)) - before;
    }

    /** Gives away the first rows. */
    final ColumnBatch.Column cut(int count) {
        BitSet given = nulls;
        nulls = given.get(count, rows);
        rows -= count;
        return cut(count, rows, given);
    }
}
