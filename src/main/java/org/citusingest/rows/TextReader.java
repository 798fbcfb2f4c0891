package org.citusingest.rows;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Reads a text as a stream of batches, in one pass and in memory that does not grow with the
 * source.
 *
 * <p>The source may be compressed. A batch ends with the last row that ends within {@link
 * TextLimits#batchBytes()}; a longer row is a batch of its own. Where the batches end depends on
 * nothing but the source and the format.
 */
public abstract class TextReader extends SourceReader {
    /** The byte order mark of UTF-8. */
    protected static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private static final int FIRST_BYTES = 64 << 10;

    private final Source source;
    private final Charset charset;
    private final TextLimits limits;
    private final int number;
    private final BufferPool pool;

    private InputStream in;

    private byte[] bytes = {};
    private RowIndex index;
    private int filled;
    private boolean sourceEnded;
    private long base;

    private long batches;
    private long nextRow = 1;
    private long spanned;
    private long readNanos;

    /**
     * Makes a reader.
     *
     * @param source is opened when the first batch is asked for
     * @param charset the encoding where neither the source nor a byte order mark says otherwise
     * @param number see {@link RowBatch#source()}
     * @param pool the memory of batches
     */
    protected TextReader(
            Source source, Charset charset, TextLimits limits, int number, BufferPool pool) {
        this.source = source;
        this.charset = charset;
        this.limits = limits;
        this.number = number;
        this.pool = pool;
    }

    /** Some text that is in memory, and where it stands. */
    protected static final class Window {
        private final byte[] bytes;
        private final int to;
        private final boolean last;
        private final long base;
        private final long nextRow;

        private Window(byte[] bytes, int to, boolean last, long base, long nextRow) {
            this.bytes = bytes;
            this.to = to;
            this.last = last;
            this.base = base;
            this.nextRow = nextRow;
        }

        /** The array that holds it from its start. */
        public byte[] bytes() {
            return bytes;
        }

        /** Where it ends in the array. */
        public int to() {
            return to;
        }

        /** Whether the source ends with it. */
        public boolean last() {
            return last;
        }

        /** Where its first byte stands in the source. */
        public long base() {
            return base;
        }

        /** The number of its first row. */
        public long nextRow() {
            return nextRow;
        }
    }

    /**
     * Puts the complete rows at the start of the window into the index.
     *
     * @param maxRows stops after that many rows
     */
    protected abstract void scan(Window window, int maxRows, RowIndex index);

    /**
     * Where the last complete row, or what is to be skipped, of the last scan ends, with what
     * separates it from the next; an incomplete row starts here.
     */
    protected abstract int consumed();

    /** A batch of the rows of the last scan, by {@link Scanned#batch}. */
    protected abstract RowBatch batch(Scanned scanned);

    /** What to throw when the row that starts with the window is longer than allowed. */
    protected abstract RowFormatException tooLong(Window window);

    /** The rows of the last scan. */
    protected final class Scanned {
        private final RowBatch.Span span;

        private Scanned(RowBatch.Span span) {
            this.span = span;
        }

        /**
         * Makes a batch of them.
         *
         * @param header see {@link RowBatch#header()}
         * @param cursors makes what reads the rows of the batch
         */
        public TextBatch batch(
                List<String> columns, byte[] header, Function<TextBatch, RowCursor> cursors) {
            RowBatch.Timing timing = new RowBatch.Timing(started(), readNanos, System.nanoTime());
            return new TextBatch(
                    new BufferPool.Buffer(bytes, index),
                    new TextBatch.Place(number, span, base, timing, pool, TextReader.this::stop),
                    columns,
                    header,
                    cursors);
        }
    }

    /** The rows of the last scan, outside of the batches: those of a header. */
    protected final Scanned scanned() {
        return new Scanned(new RowBatch.Span(0, 0, 0, 0));
    }

    @Override
    protected final String position() {
        return "byte " + (base + filled);
    }

    @Override
    protected final void ended() {
        bytes = new byte[0];
        index = null;
    }

    @Override
    protected final RowBatch advance() throws IOException {
        readNanos = 0;
        if (in == null) {
            openSource();
        }
        int limit = limits.batchBytes();
        while (true) {
            fill(limit);
            // After a long row more may be in the buffer than a batch may hold.
            int to = Math.min(filled, limit);
            boolean last = sourceEnded && to == filled;
            if (index == null) {
                index = new RowIndex(to);
            }
            Window window = new Window(bytes, to, last, base, nextRow);
            // A row that is longer than a batch is one by itself.
            scan(window, limit > limits.batchBytes() ? 1 : Integer.MAX_VALUE, index);
            if (index.rows() > 0 || (last && batches == 0)) {
                return batch();
            }
            if (last) {
                return null;
            }
            if (consumed() > 0) {
                dropFirst(consumed());
                limit = limits.batchBytes();
            } else {
                limit = longer(limit, window);
            }
        }
    }

    private RowBatch batch() {
        int consumed = consumed();
        int rows = index.rows();
        long to = base + consumed;
        RowBatch batch = batch(new Scanned(new RowBatch.Span(batches, nextRow, spanned, to)));
        batches++;
        nextRow += rows;
        spanned = to;
        carryOver(consumed);
        return batch;
    }

    /** Moves what follows the batch, the start of a row at least, to another buffer. */
    private void carryOver(int consumed) {
        byte[] old = bytes;
        int rest = filled - consumed;
        if (rest == 0 && sourceEnded) {
            bytes = new byte[0];
            index = null;
            base += consumed;
            filled = 0;
            return;
        }
        BufferPool.Buffer next =
                pool.take()
                        .filter(buffer -> buffer.bytes().length >= rest)
                        .orElseGet(
                                () ->
                                        new BufferPool.Buffer(
                                                new byte[Math.max(rest, firstBytes(old.length))],
                                                new RowIndex(filled)));
        bytes = next.bytes();
        index = next.index();
        System.arraycopy(old, consumed, bytes, 0, rest);
        base += consumed;
        filled = rest;
    }

    /** As many as the last time, as a source that filled a buffer is likely to fill the next. */
    private int firstBytes(int lastTime) {
        return sourceEnded ? 0 : Math.min(lastTime, limits.batchBytes());
    }

    private void dropFirst(int consumed) {
        System.arraycopy(bytes, consumed, bytes, 0, filled - consumed);
        base += consumed;
        filled -= consumed;
    }

    /** Twice the limit, but no more than the longest row needs. */
    private int longer(int limit, Window window) {
        int most = limits.maxRecordBytes() + "\r\n".length();
        if (limit >= most) {
            throw tooLong(window);
        }
        return Math.min(limit * 2, most);
    }

    private void openSource() throws IOException {
        pool.take()
                .ifPresent(
                        used -> {
                            bytes = used.bytes();
                            index = used.index();
                        });
        InputStream raw = source.open();
        opened(raw);
        in =
                Utf8InputStream.of(
                        Compression.decompress(raw, limits), source.charset().orElse(charset));
        opened(in);
        fill(BYTE_ORDER_MARK.length);
        if (Arrays.equals(bytes, 0, filled, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length)) {
            dropFirst(filled);
        }
    }

    /** Reads until so many bytes are in the buffer or the source ends. */
    private void fill(int limit) throws IOException {
        while (filled < limit && !sourceEnded) {
            if (filled == bytes.length) {
                int more = Math.max(FIRST_BYTES, filled * 2);
                bytes = Arrays.copyOf(bytes, Math.min(limit, more));
            }
            long from = System.nanoTime();
            int count = in.read(bytes, filled, Math.min(limit, bytes.length) - filled);
            readNanos += System.nanoTime() - from;
            if (count < 0) {
                sourceEnded = true;
            } else {
                filled += count;
            }
        }
    }
}
