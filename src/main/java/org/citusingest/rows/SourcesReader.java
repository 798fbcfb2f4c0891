package org.citusingest.rows;

import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Reads several sources of delimited text as one stream of batches, one source after the other.
 * Each batch is of one source, which it names by its number; each source gives at least one. They
 * share their buffers, as there may be many that are small.
 *
 * <p>For the rest it is as {@link DelimitedReader}: for one thread at a time, and it never seems to
 * have ended early.
 */
public final class SourcesReader implements Iterator<RowBatch>, Closeable {
    private static final int POOLED_BUFFERS = 16;

    private final Iterator<DelimitedReader.Source> sources;
    private final DelimitedFormat format;
    private final BufferPool pool = new BufferPool(POOLED_BUFFERS);
    private DelimitedReader current;
    private int opened;
    private boolean closed;

    /** Makes a reader that opens each source when its first batch is asked for. */
    public SourcesReader(Iterator<DelimitedReader.Source> sources, DelimitedFormat format) {
        this.sources = sources;
        this.format = format;
    }

    @Override
    public boolean hasNext() {
        while (current == null || (!current.hasNext() && !current.isStopped())) {
            if (!sources.hasNext()) {
                return false;
            }
            if (closed) {
                throw new IllegalStateException(
                        "The reader was closed before its end, after "
                                + opened
                                + " sources; it must stay open until the last batch was taken");
            }
            current = new DelimitedReader(sources.next(), format, opened, pool);
            opened++;
        }
        return current.hasNext();
    }

    @Override
    public RowBatch next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return current.next();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        if (current != null) {
            current.close();
        }
    }
}
