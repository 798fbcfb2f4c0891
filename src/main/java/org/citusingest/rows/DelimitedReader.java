package org.citusingest.rows;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;

/**
 * Reads delimited text as a stream of batches, in one pass and in memory that does not grow with
 * the source.
 *
 * <p>The source may be compressed. A batch ends with the last row that ends within {@link
 * DelimitedFormat#batchBytes()}; a longer row is a batch of its own. Where the batches end depends
 * on nothing but the source and the format.
 */
public final class DelimitedReader extends SourceReader {
    private static final int FIRST_BYTES = 64 << 10;
    private static final int POOLED_BUFFERS = 4;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final Source source;
    private final DelimitedFormat format;
    private final RowScanner scanner;
    private final BufferPool pool;
    private final int number;

    private InputStream in;

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
    private long readNanos;

    /** Makes a reader of a stream, which it closes in the end. */
    public DelimitedReader(InputStream in, DelimitedFormat format) {
        this(() -> in, format);
        opened(in);
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

    /** Makes readers that share their buffers, as there may be many sources that are small. */
    static RowReader.Factory factory(DelimitedFormat format, int pooledBuffers) {
        BufferPool pool = new BufferPool(pooledBuffers);
        return (source, number) -> new DelimitedReader(source, format, number, pool);
    }

    @Override
    protected String position() {
        return "byte " + (base + filled);
    }

    @Override
    protected void ended() {
        bytes = new byte[0];
        index = null;
    }

    @Override
    protected RowBatch advance() throws IOException {
        readNanos = 0;
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
                this::stop);
    }

    private DelimitedBatch batch() {
        int consumed = scanner.consumed();
        long to = base + consumed;
        RowBatch.Span span = new RowBatch.Span(batches, nextRow, spanned, to);
        DelimitedBatch batch = batch(columns, span);
        batch.timed(new RowBatch.Timing(started(), readNanos, System.nanoTime()));
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
        opened(raw);
        in =
                Utf8InputStream.of(
                        Compression.decompress(raw, format),
                        source.charset().orElse(format.charset()));
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
