package org.citusingest.rows;

import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;

/** Keeps a few used buffers for the next batches, so that a long source makes little garbage. */
public final class BufferPool {
    private final ArrayBlockingQueue<Buffer> free;

    /** Makes a pool that keeps so many. */
    public BufferPool(int capacity) {
        free = new ArrayBlockingQueue<>(capacity);
    }

    /** A buffer that was given back, if there is one. */
    Optional<Buffer> take() {
        return Optional.ofNullable(free.poll());
    }

    /** Takes a buffer back that nobody uses any more, or leaves it to the garbage collector. */
    void give(Buffer buffer) {
        free.offer(buffer);
    }

    /** The bytes of a batch and where its rows stand in them. */
    static final class Buffer {
        private final byte[] bytes;
        private final RowIndex index;

        Buffer(byte[] bytes, RowIndex index) {
            this.bytes = bytes;
            this.index = index;
        }

        byte[] bytes() {
            return bytes;
        }

        RowIndex index() {
            return index;
        }
    }
}
