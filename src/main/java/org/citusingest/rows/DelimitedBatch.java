package org.citusingest.rows;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Some consecutive rows of delimited text. Any number of threads may read it at a time. */
final class DelimitedBatch implements RowBatch {
    private final int source;
    private final AtomicReference<BufferPool.Buffer> buffer;
    private final BufferPool pool;
    private final DelimitedFormat format;
    private final List<String> columns;
    private final byte[] header;
    private final Span span;
    private final int size;
    private final long base;
    private final Runnable stop;
    private volatile Timing timing;

    /**
     * @param source see {@link RowBatch#source()}
     * @param header see {@link RowBatch#header()}
     * @param base where the first byte of the buffer stands in the source
     * @param stop ends the reader
     */
    DelimitedBatch(
            int source,
            BufferPool.Buffer buffer,
            BufferPool pool,
            DelimitedFormat format,
            List<String> columns,
            byte[] header,
            Span span,
            long base,
            Runnable stop) {
        this.source = source;
        this.buffer = new AtomicReference<>(buffer);
        this.pool = pool;
        this.format = format;
        this.columns = columns;
        this.header = header;
        this.span = span;
        this.base = base;
        this.stop = stop;
        this.size = buffer.index().rows;
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    @Override
    public byte[] header() {
        return header.clone();
    }

    @Override
    public int source() {
        return source;
    }

    @Override
    public Span span() {
        return span;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Timing timing() {
        return timing;
    }

    /** Tells the {@link #timing()}. */
    void timed(Timing when) {
        timing = when;
    }

    @Override
    public RowCursor cursor() {
        return new DelimitedCursor(this, buffer(), format);
    }

    /** Gives the memory back; the rows and all cursors on them can then not be read any more. */
    @Override
    public void release() {
        BufferPool.Buffer mine = buffer.getAndSet(null);
        if (mine != null) {
            pool.give(mine);
        }
    }

    @Override
    public void stop() {
        stop.run();
    }

    long base() {
        return base;
    }

    /** The buffer, which is still this batch's own. */
    BufferPool.Buffer buffer() {
        BufferPool.Buffer mine = buffer.get();
        if (mine == null) {
            throw new IllegalStateException(
                    "Batch "
                            + span.number()
                            + " was released, so its rows cannot be read any more");
        }
        return mine;
    }

    @Override
    public String toString() {
        return "DelimitedBatch[" + span + ", size=" + size + "]";
    }
}
