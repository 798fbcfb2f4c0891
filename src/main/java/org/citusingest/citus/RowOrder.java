package org.citusingest.citus;

import java.util.List;

/**
 * The order in which the rows of each batch are copied: an index grows faster when the next entry
 * belongs beside the last one. Thread-safe.
 */
final class RowOrder {
    /** As they come. */
    static final RowOrder NONE = new RowOrder(List.of());

    private final List<Key> keys;

    /** One for all threads: it has the memory of a batch, and is done sooner than an encoder. */
    private final RowSorter sorter;

    /**
     * A column by which rows are ordered.
     *
     * @param place its place among the columns that are copied
     * @param order the order of its type
     */
    record Key(int place, ValueOrder order, boolean descending, boolean nullsFirst) {
        /** See {@link ValueOrder#word}. */
        long word(byte[] bytes, int start, int length, int word) {
            if (length < 0) {
                return nullsFirst ? 0 : -1;
            }
            long value = order.word(bytes, start, length, word);
            return descending ? ~value : value;
        }
    }

    /**
     * Makes an order.
     *
     * @param keys by which columns; none for the order in which they come
     */
    RowOrder(List<Key> keys) {
        this.keys = keys;
        sorter = new RowSorter(keys);
    }

    /** Puts rows that are encoded for binary COPY in this order; equal ones keep theirs. */
    void sort(EncodedRows rows) {
        if (!keys.isEmpty()) {
            synchronized (sorter) {
                sorter.sort(rows);
            }
        }
    }
}
