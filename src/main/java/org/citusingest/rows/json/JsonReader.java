package org.citusingest.rows.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.citusingest.rows.BufferPool;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowCursor;
import org.citusingest.rows.RowFormatException;
import org.citusingest.rows.RowIndex;
import org.citusingest.rows.RowReader;
import org.citusingest.rows.Source;
import org.citusingest.rows.TextBatch;
import org.citusingest.rows.TextReader;

/** Reads the records of JSON as a stream of batches. */
final class JsonReader extends TextReader {
    private final JsonFormat format;
    private final JsonRecords records;
    private final List<String> discovered = new ArrayList<>();
    private final byte[] header;
    private final String before;
    private final String after;
    private List<String> columns;

    JsonReader(Source source, JsonFormat format, int number, BufferPool pool) {
        super(source, format.charset(), format.limits(), number, pool);
        this.format = format;
        columns = format.columns().stream().map(ColumnPath::name).toList();
        JsonScanner scanner =
                new JsonScanner(
                        Keys.of(format.columns()),
                        columns.size(),
                        columns.isEmpty() ? discovered : null,
                        format.lines(),
                        format.maxDepth());
        int maxRecordBytes = format.limits().maxRecordBytes();
        records =
                format.lines()
                        ? new JsonLines(scanner, maxRecordBytes)
                        : new JsonDocument(scanner, format.path(), maxRecordBytes);
        // Rows are kept in UTF-8, whatever encoding the format declares.
        boolean utf8 = format.charset().equals(StandardCharsets.UTF_8);
        header = utf8 ? new byte[0] : BYTE_ORDER_MARK.clone();
        before =
                format.path().stream()
                        .map(key -> "{" + JsonString.quoted(key) + ":")
                        .collect(Collectors.joining());
        after = "}".repeat(format.path().size());
    }

    /** Makes readers that share their buffers, as there may be many sources that are small. */
    static RowReader.Factory factory(JsonFormat format, int pooledBuffers) {
        BufferPool pool = new BufferPool(pooledBuffers);
        return (source, number) -> new JsonReader(source, format, number, pool);
    }

    @Override
    protected void scan(Window window, int maxRows, RowIndex index) {
        records.scan(
                window.bytes(),
                window.to(),
                window.last(),
                window.base(),
                window.nextRow(),
                maxRows,
                index);
        // As many as were there when the batch was made: more are found while others read it.
        if (columns.size() < discovered.size()) {
            columns = Collections.unmodifiableList(new ArrayList<>(discovered));
        }
    }

    @Override
    protected int consumed() {
        return records.consumed();
    }

    @Override
    protected RowBatch batch(Scanned scanned) {
        TextBatch batch =
                scanned.batch(columns, header, rows -> new JsonCursor(rows, before, after));
        if (batch.size() > 0 && columns.isEmpty()) {
            throw withoutColumns(batch.cursor());
        }
        return batch;
    }

    /** Rows without a column go nowhere; mostly it is another kind of file. */
    private static RowFormatException withoutColumns(RowCursor row) {
        row.next();
        String reason = row.refusal() == null ? "it has no key" : row.refusal();
        return new RowFormatException(
                row.rowNumber(),
                row.byteOffset(),
                reason
                        + ", and no row after it is an object with keys, so there are no columns; perhaps the source is no JSON, else name them by the option 'columns'");
    }

    @Override
    protected RowFormatException tooLong(Window window) {
        return tooLong(
                window.nextRow(),
                window.base(),
                format.limits().maxRecordBytes(),
                format.lines() ? "one JSON value a line" : "JSON");
    }

    /** What to throw when a row is longer than allowed. */
    static RowFormatException tooLong(
            long row, long byteOffset, int maxRecordBytes, String expected) {
        return new RowFormatException(
                row,
                byteOffset,
                "the row is longer than the option 'maxRecordBytes' allows, %d bytes; perhaps the source is not %s, else raise the option"
                        .formatted(maxRecordBytes, expected));
    }
}
