package org.citusingest.rows;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.NoSuchElementException;

/** What readers of one source have in common: when they end, and how they fail. */
public abstract class SourceReader implements RowReader {
    private Closeable open;
    private boolean closed;
    private volatile boolean stopped;
    private RuntimeException failure;
    private RowBatch ready;
    private boolean ended;
    private long rows;
    private long started;

    /** The next batch, or null at the end. The first call opens the source. */
    protected abstract RowBatch advance() throws IOException;

    /** Where reading stands, for the message of an error: {@code byte 17}, {@code row group 2}. */
    protected abstract String position();

    /** Lets go of memory that is of no use after the last batch. */
    protected void ended() {}

    /** Says what is to be closed in the end. */
    protected final void opened(Closeable closeable) {
        open = closeable;
    }

    /** Ends the reading after the batches that are there: what a batch does when told so. */
    protected final void stop() {
        stopped = true;
    }

    /** When the batch that is asked for was begun, on the clock of {@link System#nanoTime}. */
    protected final long started() {
        return started;
    }

    @Override
    public final boolean isStopped() {
        return stopped;
    }

    /**
     * Whether there is another batch, which is then read.
     *
     * @throws UncheckedIOException when the source cannot be read
     * @throws RowFormatException when the source does not have the declared form
     */
    @Override
    public final boolean hasNext() {
        if (failure != null) {
            throw failure;
        }
        // A batch that was announced is given: the stop may come from another thread.
        if (ready == null && !ended && !stopped) {
            if (closed) {
                throw new IllegalStateException(
                        "The reader was closed before its end, after %d rows; it must stay open until the last batch was taken"
                                .formatted(rows));
            }
            try {
                started = System.nanoTime();
                ready = advance();
                if (ready == null) {
                    ended = true;
                    ended();
                    close();
                } else {
                    rows += ready.size();
                }
            } catch (IOException e) {
                throw fail(
                        new UncheckedIOException(
                                "%s: the source cannot be read on: %s"
                                        .formatted(position(), e.getMessage()),
                                e));
            } catch (RuntimeException e) {
                throw fail(e);
            }
        }
        return ready != null;
    }

    @Override
    public final RowBatch next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        RowBatch batch = ready;
        ready = null;
        return batch;
    }

    /** Closes the source. To close again has no effect. */
    @Override
    public void close() throws IOException {
        closed = true;
        Closeable closing = open;
        open = null;
        if (closing != null) {
            closing.close();
        }
    }

    private RuntimeException fail(RuntimeException e) {
        failure = e;
        try {
            close();
        } catch (IOException onClose) {
            e.addSuppressed(onClose);
        }
        return e;
    }
}
