package org.citusingest.rows;

import java.io.InputStream;
import java.util.Arrays;
import java.util.List;

/** Reads delimited text as a stream of batches. */
public final class DelimitedReader extends TextReader {
    private static final int POOLED_BUFFERS = 4;

    private final DelimitedFormat format;
    private final RowScanner scanner;

    private boolean headerPending;
    private boolean columnsKnown;
    private List<String> columns;
    // Says that what follows is UTF-8, whatever encoding the format declares: rows are kept in it.
    private byte[] header = BYTE_ORDER_MARK;

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
        super(source, format.charset(), format.limits(), number, pool);
        this.format = format;
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
    protected void scan(Window window, int maxRows, RowIndex index) {
        int from = 0;
        if (headerPending) {
            if (!scanFirst(window, 0, from, index)) {
                return;
            }
            readHeader();
            from = scanner.consumed();
        }
        if (!columnsKnown) {
            if (!scanFirst(window, window.nextRow(), from, index)) {
                return;
            }
            columnsKnown = true;
            scanner.oneColumn(index.ints()[1] == 1);
        }
        scanner.place(window.base(), window.nextRow());
        scanner.scan(window.bytes(), from, window.to(), window.last(), maxRows, index);
    }

    /** Scans one row alone, if it is complete. */
    private boolean scanFirst(Window window, long row, int from, RowIndex index) {
        scanner.place(window.base(), row);
        scanner.scan(window.bytes(), from, window.to(), window.last(), 1, index);
        return index.rows() > 0;
    }

    private void readHeader() {
        headerPending = false;
        columnsKnown = true;
        RowBatch line = scanned().batch(List.of(), header, this::cursor);
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

    private RowCursor cursor(TextBatch batch) {
        return new DelimitedCursor(batch, format);
    }

    @Override
    protected int consumed() {
        return scanner.consumed();
    }

    @Override
    protected RowBatch batch(Scanned scanned) {
        return scanned.batch(columns, header, this::cursor);
    }

    @Override
    protected RowFormatException tooLong(Window window) {
        return scanner.tooLong(0, headerPending ? 0 : window.nextRow());
    }
}
