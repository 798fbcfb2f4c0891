package org.citusingest.rows;

import java.io.IOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Reads several sources as one stream of batches, one source after the other. Each batch is of one
 * source, which it names by its number; each source gives at least one.
 */
public final class SourcesReader implements RowReader {
    private final Iterator<Source> sources;
    private final RowReader.Factory readers;
    private RowReader current;
    private int opened;
    private boolean closed;

    /** Makes a reader that opens each source when its first batch is asked for. */
    public SourcesReader(Iterator<Source> sources, RowReader.Factory readers) {
        this.sources = sources;
        this.readers = readers;
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
            current = readers.read(sources.next(), opened);
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
    public boolean isStopped() {
        return current != null && current.isStopped();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        if (current != null) {
            current.close();
        }
    }
}
