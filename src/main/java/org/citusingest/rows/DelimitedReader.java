package org.citusingest.rows;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Reads delimited text as a stream of batches, in one pass and in memory that does not grow with
 * the source.
 *
 * <p>The source is opened when the first batch is asked for; it may be compressed. A batch ends
 * with the last row that ends within {@link DelimitedFormat#batchBytes()}; a longer row is a batch
 * of its own. Where the batches end depends on nothing but the source and the format. There is
 * always at least one batch, which is empty when the source has no rows.
 *
 * <p>One thread at a time may use the reader; the batches may be read and released by others. A
 * reader that has failed, or was closed before its end, throws whenever it is asked again: it never
 * seems to have ended early. It ends early only where one of its batches was told to {@link
 * RowBatch#stop()} it.
 */
public final class DelimitedReader implements Iterator<RowBatch>, Closeable {
    private static final int FIRST_BYTES = 64 << 10;
    private static final int POOLED_BUFFERS = 4;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final Source source;
    private final DelimitedFormat format;
    private final RowScanner scanner;
    private final BufferPool pool;
    private final int number;

    private Closeable open;
    private InputStream in;
    private boolean closed;
    private volatile boolean stopped;
    private RuntimeException failure;

    private byte[] bytes = {};
    private RowIndex index;
    private int filled;
    private boolean sourceEnded;
    private long base;

    private boolean headerPending;
    private boolean columnsKnown;
    private List<String> columns;
    // Says that what follows is UTF-8, whatever encoding the format declares: rows are kept in it.
    private byte[] header = BYTE_ORDER_MARK;
    private long batches;
    private long nextRow = 1;
    private long spanned;
    private boolean ended;
    private DelimitedBatch ready;
    private long readNanos;

    /** Opens the bytes of a source. */
    @FunctionalInterface
    public interface Source {
        /** A new stream that stands before the first byte. */
        InputStream open() throws IOException;
    }

    /** Makes a reader of a stream, which it closes in the end. */
    public DelimitedReader(InputStream in, DelimitedFormat format) {
        this(() -> in, format);
        open = in;
    }

    /** Makes a reader of a source that it opens when the first batch is asked for. */
    public DelimitedReader(Source source, DelimitedFormat format) {
        this(source, format, 0, new BufferPool(POOLED_BUFFERS));
    }

    /** Makes a reader of one of several sources, see {@link RowBatch#source()}. */
    DelimitedReader(Source source, DelimitedFormat format, int number, BufferPool pool) {
        this.source = source;
        this.format = format;
        this.number = number;
        this.pool = pool;
        scanner = new RowScanner(format);
        columns = format.columns();
        headerPending = format.header();
        columnsKnown = !columns.isEmpty();
        scanner.oneColumn(columns.size() == 1 && !headerPending);
    }

    /**
     * Whether there is another batch, which is then read.
     *
     * @throws UncheckedIOException when the source cannot be read
     * @throws RowFormatException when the source does not have the declared form
     */
    @Override
    public boolean hasNext() {
        if (failure != null) {
            throw failure;
        }
        // A batch that was announced is given: the stop may come from another thread.
        if (ready == null && !ended && !stopped) {
            if (closed) {
                throw new IllegalStateException(
                        "The reader was closed before its end, after "
                                + (nextRow - 1)
                                + " rows; it must stay open until the last batch was taken");
            }
            long from = System.nanoTime();
            readNanos = 0;
            try {
                ready = advance();
                if (ready == null) {
                    ended = true;
                    bytes = new byte[0];
                    index = null;
                    close();
                } else {
                    ready.timed(new RowBatch.Timing(from, readNanos, System.nanoTime()));
                }
            } catch (IOException e) {
                throw fail(
                        new UncheckedIOException(
                                "byte "
                                        + (base + filled)
                                        + ": the source cannot be read on: "
                                        + e.getMessage(),
                                e));
            } catch (RuntimeException e) {
                throw fail(e);
            }
        }
        return ready != null;
    }

    @Override
    public RowBatch next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        RowBatch batch = ready;
        ready = null;
        return batch;
    }

    /** Whether one of its batches has said that no more are wanted. */
    boolean isStopped() {
        return stopped;
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

    /** The next batch, or null at the end. */
    private DelimitedBatch advance() throws IOException {
        if (in == null) {
            openSource();
        }
        int limit = format.batchBytes();
        while (true) {
            fill(limit);
            // After a long row more may be in the buffer than a batch may hold.
            int to = Math.min(filled, limit);
            boolean last = sourceEnded && to == filled;
            if (scan(to, last, limit > format.batchBytes()) > 0 || (last && batches == 0)) {
                return batch();
            }
            if (last) {
                return null;
            }
            if (scanner.consumed() > 0) {
                dropFirst(scanner.consumed());
                limit = format.batchBytes();
            } else {
                limit = longer(limit);
            }
        }
    }

    /**
     * Scans the buffer and says how many rows are in the index.
     *
     * @param longRow whether the first row is longer than a batch; it is then one by itself
     */
    private int scan(int to, boolean last, boolean longRow) {
        int from = 0;
        if (index == null) {
            index = new RowIndex(to);
        }
        if (headerPending) {
            scanner.place(base, 0);
            scanner.scan(bytes, from, to, last, 1, index);
            if (index.rows == 0) {
                return 0;
            }
            readHeader();
            from = scanner.consumed();
        }
        scanner.place(base, nextRow);
        if (!columnsKnown) {
            scanner.scan(bytes, from, to, last, 1, index);
            if (index.rows == 0) {
                return 0;
            }
            columnsKnown = true;
            scanner.oneColumn(index.ints[1] == 1);
        }
        scanner.scan(bytes, from, to, last, longRow ? 1 : Integer.MAX_VALUE, index);
        return index.rows;
    }

    private void readHeader() {
        headerPending = false;
        columnsKnown = true;
        RowBatch line = batch(List.of(), new RowBatch.Span(0, 0, 0, 0));
        if (columns.isEmpty()) {
            columns = Header.names(line.cursor(), format.nullToken());
        }
        scanner.oneColumn(columns.size() == 1);
        RowCursor raw = line.cursor();
        raw.next();
        header = concat(BYTE_ORDER_MARK, raw.raw());
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** The rows that the index holds. */
    private DelimitedBatch batch(List<String> names, RowBatch.Span span) {
        return new DelimitedBatch(
                number,
                new BufferPool.Buffer(bytes, index),
                pool,
                format,
                names,
                header,
                span,
                base,
                () -> stopped = true);
    }

    private DelimitedBatch batch() {
        int consumed = scanner.consumed();
        long to = base + consumed;
        RowBatch.Span span = new RowBatch.Span(batches, nextRow, spanned, to);
        DelimitedBatch batch = batch(columns, span);
        batches++;
        nextRow += index.rows;
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
        return sourceEnded ? 0 : Math.min(lastTime, format.batchBytes());
    }

    private void dropFirst(int consumed) {
        System.arraycopy(bytes, consumed, bytes, 0, filled - consumed);
        base += consumed;
        filled -= consumed;
    }

    /** Twice the limit, but no more than the longest row needs. */
    private int longer(int limit) {
        int most = format.maxRecordBytes() + "\r\n".length();
        if (limit >= most) {
            throw scanner.tooLong(0, headerPending ? 0 : nextRow);
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
        open = raw;
        in = Utf8InputStream.of(Compression.decompress(raw, format), format.charset());
        open = in;
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
