package org.citusingest.rows;

import java.io.Closeable;
import java.util.Iterator;

/**
 * Reads sources as a stream of batches, in memory that does not grow with them. There is always at
 * least one batch, which is empty when a source has no rows.
 *
 * <p>One thread at a time may use a reader; the batches may be read and released by others. A
 * reader that has failed, or was closed before its end, throws whenever it is asked again: it never
 * seems to have ended early. It ends early only where one of its batches was told to {@link
 * RowBatch#stop()} it.
 */
public interface RowReader extends Iterator<RowBatch>, Closeable {
    /** Whether one of its batches has said that no more are wanted. */
    boolean isStopped();

    /** Makes readers, of one exchange, which may share memory. */
    @FunctionalInterface
    interface Factory {
        /**
         * A reader of one source, which is opened when the first batch is asked for.
         *
         * @param number see {@link RowBatch#source()}
         */
        RowReader read(Source source, int number);
    }
}
