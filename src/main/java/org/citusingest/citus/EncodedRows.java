package org.citusingest.citus;

import java.util.Arrays;

/**
 * Rows of one batch for one relation, encoded for COPY one after the other in one buffer, so that
 * any run of them can be sent. They may stand in another order than in the batch.
 */
final class EncodedRows {
    private CopyBuffer bytes;
    private String into;
    private CopyFormat format;
    private int[] ends;
    private int[] indexes;
    private int size;

    /**
     * @param into the table or shard that they go to, as it is written in SQL
     * @param bytes an empty buffer, which belongs to these rows from now on
     * @param capacity about how many rows there will be
     */
    EncodedRows(String into, CopyFormat format, CopyBuffer bytes, int capacity) {
        this.into = into;
        this.format = format;
        this.bytes = bytes;
        this.ends = new int[capacity];
        this.indexes = new int[capacity];
    }

    /** The same object for other rows: those that it has are forgotten. */
    EncodedRows reuse(String into, CopyFormat format) {
        this.into = into;
        this.format = format;
        bytes.rewind(0);
        size = 0;
        return this;
    }

    String into() {
        return into;
    }

    CopyFormat format() {
        return format;
    }

    CopyBuffer bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    /** Makes what has been put into the buffer since the last row a row. */
    void add(int index) {
        if (size == ends.length) {
            int more = Math.max(16, size * 2);
            ends = Arrays.copyOf(ends, more);
            indexes = Arrays.copyOf(indexes, more);
        }
        indexes[size] = index;
        ends[size++] = bytes.size();
    }

    /** Where the row begins in the buffer; of the row after the last one: where that ends. */
    int start(int row) {
        return row == 0 ? 0 : ends[row - 1];
    }

    /** Which row of the batch it is, counted from 0. */
    int index(int row) {
        return indexes[row];
    }

    /**
     * Puts the rows into another order.
     *
     * @param order which row comes first, which second, and so on
     * @param spare others, whose memory these take; they get that of these and are forgotten
     */
    void reorder(int[] order, EncodedRows spare) {
        spare.reuse(into, format).bytes.reserve(bytes.size());
        for (int i = 0; i < size; i++) {
            int row = order[i];
            spare.bytes.put(bytes.bytes(), start(row), ends[row] - start(row));
            spare.add(indexes[row]);
        }
        CopyBuffer ordered = spare.bytes;
        spare.bytes = bytes;
        bytes = ordered;
        int[] orderedEnds = spare.ends;
        spare.ends = ends;
        ends = orderedEnds;
        int[] orderedIndexes = spare.indexes;
        spare.indexes = indexes;
        indexes = orderedIndexes;
    }

    /** None for the same relation. */
    EncodedRows none() {
        return new EncodedRows(into, format, new CopyBuffer(0), 0);
    }

    /** The same without some rows, which are given by their places in the batch, in order. */
    EncodedRows without(int[] refused) {
        EncodedRows rest = new EncodedRows(into, format, new CopyBuffer(bytes.size()), size);
        for (int row = 0; row < size; row++) {
            if (Arrays.binarySearch(refused, indexes[row]) < 0) {
                rest.bytes.put(bytes.bytes(), start(row), ends[row] - start(row));
                rest.add(indexes[row]);
            }
        }
        return rest;
    }
}
