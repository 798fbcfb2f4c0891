package org.citusingest.citus;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Keeps the buffers of a load in which rows were encoded for the next ones. There are never more
 * than were in use at once. Thread-safe.
 */
final class RowsPool {
    private final Queue<EncodedRows> free = new ConcurrentLinkedQueue<>();

    /**
     * Empty ones.
     *
     * @param bytes about how large they will be
     * @param rows about how many they will be
     */
    EncodedRows take(String into, CopyFormat format, int bytes, int rows) {
        EncodedRows used = free.poll();
        return used == null
                ? new EncodedRows(into, format, new CopyBuffer(bytes), rows)
                : used.reuse(into, format);
    }

    /** Takes them back when nobody reads them any more. */
    void give(EncodedRows rows) {
        free.add(rows);
    }
}
