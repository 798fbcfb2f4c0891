package org.citusingest.rows.json;

import org.citusingest.rows.RowIndex;

/** A record a line. A line that is none is a row that is refused, as the next one begins anew. */
final class JsonLines implements JsonRecords {
    private final JsonScanner scanner;
    private final int maxRecordBytes;
    private int consumed;

    JsonLines(JsonScanner scanner, int maxRecordBytes) {
        this.scanner = scanner;
        this.maxRecordBytes = maxRecordBytes;
    }

    @Override
    public int consumed() {
        return consumed;
    }

    @Override
    public void scan(
            byte[] bytes, int to, boolean last, long base, long row, int maxRows, RowIndex index) {
        int end = last ? to : afterLastLine(bytes, to);
        scanner.begin(index);
        scanner.text(bytes, end);
        int rows = 0;
        int at = 0;
        consumed = 0;
        while (at < end && rows < maxRows) {
            at = scanner.afterSpace(at);
            if (at < end && bytes[at] == '\n') {
                at++;
            } else if (at < end) {
                int start = at;
                at = record(bytes, start, end);
                if (at - start > maxRecordBytes) {
                    throw JsonReader.tooLong(
                            row + rows, base + start, maxRecordBytes, "one JSON value a line");
                }
                at = Math.min(at + 1, end);
                rows++;
            }
            consumed = at;
        }
        index.rows(rows);
    }

    /** Reads a record, and gives the end of its line. */
    private int record(byte[] bytes, int start, int end) {
        int at = scanner.record(start);
        if (at >= 0) {
            at = scanner.afterSpace(at);
            if (at == end || bytes[at] == '\n') {
                return at;
            }
            scanner.wrong(JsonError.MORE_TEXT, at);
        }
        int lineEnd = scanner.errorAt();
        while (lineEnd < end && bytes[lineEnd] != '\n') {
            lineEnd++;
        }
        int textEnd = lineEnd > start && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
        scanner.refuse(start, textEnd);
        return lineEnd;
    }

    private static int afterLastLine(byte[] bytes, int to) {
        int at = to;
        while (at > 0 && bytes[at - 1] != '\n') {
            at--;
        }
        return at;
    }
}
