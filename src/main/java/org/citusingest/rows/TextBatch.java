package org.citusingest.rows;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** Some consecutive rows of a text. Any number of threads may read it at a time. */
public final class TextBatch implements RowBatch {
    private final AtomicReference<BufferPool.Buffer> buffer;
    private final Place place;
    private final List<String> columns;
    private final byte[] header;
    private final int size;
    private final Function<TextBatch, RowCursor> cursors;

    /**
     * Where the rows of a batch come from, which their format need not know of.
     *
     * @param source see {@link RowBatch#source()}
     * @param base where the first byte of the buffer stands in the source
     * @param timing see {@link RowBatch#timing()}
     * @param pool takes the buffer back
     * @param stop ends the reader
     */
    record Place(int source, Span span, long base, Timing timing, BufferPool pool, Runnable stop) {}

    /**
     * @param header see {@link RowBatch#header()}
     * @param cursors makes what reads the rows of this batch
     */
    TextBatch(
            BufferPool.Buffer buffer,
            Place place,
            List<String> columns,
            byte[] header,
            Function<TextBatch, RowCursor> cursors) {
        this.buffer = new AtomicReference<>(buffer);
        this.place = place;
        this.columns = columns;
        this.header = header;
        this.size = buffer.index().rows();
        this.cursors = cursors;
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
        return place.source();
    }

    @Override
    public Span span() {
        return place.span();
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Timing timing() {
        return place.timing();
    }

    @Override
    public RowCursor cursor() {
        return cursors.apply(this);
    }

    /** Gives the memory back; the rows and all cursors on them can then not be read any more. */
    @Override
    public void release() {
        BufferPool.Buffer mine = buffer.getAndSet(null);
        if (mine != null) {
            place.pool().give(mine);
        }
    }

    @Override
    public void stop() {
        place.stop().run();
    }

    /** Where the first byte of {@link #bytes()} stands in the source. */
    public long base() {
        return place.base();
    }

    /**
     * The bytes that hold the rows.
     *
     * @throws IllegalStateException when the batch was released
     */
    public byte[] bytes() {
        return buffer().bytes();
    }

    /**
     * Where the rows stand in the bytes.
     *
     * @throws IllegalStateException when the batch was released
     */
    public int[] index() {
        return buffer().index().ints();
    }

    /** Fails when the bytes hold other rows by now: better no rows than wrong ones. */
    public void checkHeld() {
        buffer();
    }

    /** The buffer, which is still this batch's own. */
    private BufferPool.Buffer buffer() {
        BufferPool.Buffer mine = buffer.get();
        if (mine == null) {
            throw new IllegalStateException(
                    "Batch "
                            + place.span().number()
                            + " was released, so its rows cannot be read any more");
        }
        return mine;
    }

    @Override
    public String toString() {
        return "TextBatch[" + place.span() + ", size=" + size + "]";
    }
}
