package org.citusingest.rows;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds the rows and fields in a buffer of delimited text. */
final class RowScanner {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    /** Equals no byte, as bytes are signed; stands for a character that is not used. */
    private static final int NEVER = 256;

    private final int delimiter;
    private final int quote;
    private final int escape;
    private final int comment;
    private final int maxRecordBytes;

    private boolean oneColumn;
    private long base;
    private long row;

    private int consumed;
    private int openQuote;

    RowScanner(DelimitedFormat format) {
        delimiter = format.delimiter();
        quote = orNever(format.quote());
        escape = format.escape() == DelimitedFormat.NONE ? quote : format.escape();
        comment = orNever(format.comment());
        maxRecordBytes = format.maxRecordBytes();
    }

    private static int orNever(char c) {
        return c == DelimitedFormat.NONE ? NEVER : c;
    }

    /** Says whether the source has one column, in which an empty line is a row. */
    void oneColumn(boolean oneColumn) {
        this.oneColumn = oneColumn;
    }

    /** Says where the buffer stands in its source and which row is next, for the messages. */
    void place(long base, long row) {
        this.base = base;
        this.row = row;
    }

    /**
     * Where the last complete row or skipped line of the last scan ends, with its line end; an
     * incomplete row starts here.
     */
    int consumed() {
        return consumed;
    }

    /**
     * Writes the complete rows in {@code bytes[from, to)} into the index.
     *
     * @param last whether the source ends here, so that the last row needs no line end
     * @param maxRows stops after that many rows
     * @throws RowFormatException when a quoted field is malformed or a row is too long
     */
    void scan(byte[] bytes, int from, int to, boolean last, int maxRows, RowIndex index) {
        // Fields and parameters as locals: the compiler then keeps them in registers.
        int delimiter = this.delimiter;
        int quote = this.quote;
        int comment = this.comment;
        long delimiters = delimiter * ONES;
        int safe = to - Long.BYTES;
        int[] ints = index.ints();
        int used = 0;
        int rows = 0;
        int at = from;
        int done = from;
        openQuote = -1;

        scan:
        while (at < to && rows < maxRows) {
            int start = at;
            int first = bytes[at];
            if (first == comment || (!oneColumn && (first == '\n' || first == '\r'))) {
                at = afterLine(bytes, at, to, last);
                if (at < 0) {
                    break;
                }
                done = at;
                continue;
            }
            int head = used;
            if (used + RowIndex.ROW_INTS >= ints.length) {
                ints = index.grow();
            }
            ints[head] = start;
            used += RowIndex.ROW_INTS;
            while (true) {
                int kind = RowIndex.PLAIN;
                if (at < to && bytes[at] == quote) {
                    int open = at;
                    int end = closingQuote(bytes, at + 1, to, last);
                    if (end == 0) {
                        openQuote = open;
                        if (last) {
                            throw unclosed(open, row + rows);
                        }
                        break scan;
                    }
                    // A negative end says that there is something to unescape.
                    kind = end < 0 ? RowIndex.ESCAPED : RowIndex.QUOTED;
                    at = Math.abs(end);
                    if (at < to
                            && bytes[at] != delimiter
                            && bytes[at] != '\n'
                            && bytes[at] != '\r') {
                        throw textAfterQuote(at, row + rows, used - head - RowIndex.ROW_INTS + 1);
                    }
                } else {
                    long found = 0;
                    while (at <= safe) {
                        long word = (long) LONGS.get(bytes, at);
                        found =
                                matches(word, delimiters)
                                        | matches(word, '\n' * ONES)
                                        | matches(word, '\r' * ONES);
                        if (found != 0) {
                            at += Long.numberOfTrailingZeros(found) >>> 3;
                            break;
                        }
                        at += Long.BYTES;
                    }
                    if (found == 0) {
                        while (at < to
                                && bytes[at] != delimiter
                                && bytes[at] != '\n'
                                && bytes[at] != '\r') {
                            at++;
                        }
                    }
                }
                if (at == to && !last) {
                    break scan;
                }
                if (used == ints.length) {
                    ints = index.grow();
                }
                ints[used++] = RowIndex.field(at, kind);
                if (at == to || bytes[at] != delimiter) {
                    break;
                }
                at++;
            }
            if (at - start > maxRecordBytes) {
                throw tooLong(start, row + rows);
            }
            at = afterLineEnd(bytes, at, to, last);
            if (at < 0) {
                break;
            }
            ints[head + 1] = used - head - RowIndex.ROW_INTS;
            rows++;
            done = at;
        }
        index.rows(rows);
        consumed = done;
    }

    /** The highest bit of each byte of the word that equals the pattern's; exact for the lowest. */
    private static long matches(long word, long pattern) {
        long difference = word ^ pattern;
        return (difference - ONES) & ~difference & HIGHS;
    }

    /**
     * Where the field ends whose opening quote stands before {@code at}: after its closing quote.
     *
     * @return negative when the field has doubled or escaped quotes; 0 when it does not end
     */
    private int closingQuote(byte[] bytes, int at, int to, boolean last) {
        int quote = this.quote;
        int escape = this.escape;
        long quotes = quote * ONES;
        long escapes = escape * ONES;
        int safe = to - Long.BYTES;
        int sign = 1;
        while (at < to) {
            if (at <= safe) {
                long word = (long) LONGS.get(bytes, at);
                long found = matches(word, quotes) | matches(word, escapes);
                if (found == 0) {
                    at += Long.BYTES;
                    continue;
                }
                at += Long.numberOfTrailingZeros(found) >>> 3;
            }
            int c = bytes[at++];
            if (c != quote && c != escape) {
                continue;
            }
            if (at == to) {
                return c == quote && last ? sign * at : 0;
            }
            if (bytes[at] == quote || (c == escape && bytes[at] == escape)) {
                sign = -1;
                at++;
            } else if (c == quote) {
                return sign * at;
            }
        }
        return 0;
    }

    /** Where the next line starts; -1 when this one does not end here. */
    private static int afterLine(byte[] bytes, int at, int to, boolean last) {
        while (at < to && bytes[at] != '\n' && bytes[at] != '\r') {
            at++;
        }
        return at == to && !last ? -1 : afterLineEnd(bytes, at, to, last);
    }

    /** Where the line end at this position ends; -1 when a line feed may still follow. */
    private static int afterLineEnd(byte[] bytes, int at, int to, boolean last) {
        if (at == to) {
            return at;
        }
        if (bytes[at] == '\n') {
            return at + 1;
        }
        if (at + 1 == to) {
            return last ? to : -1;
        }
        return bytes[at + 1] == '\n' ? at + 2 : at + 1;
    }

    private RowFormatException unclosed(int open, long row) {
        return new RowFormatException(
                row,
                base + open,
                "the quote that opens here is never closed, so everything after it would be one"
                        + " field; close it, or set the option 'quote' to what the source uses");
    }

    private RowFormatException textAfterQuote(int at, long row, int field) {
        return new RowFormatException(
                row,
                base + at,
                "text follows the closing quote of field "
                        + field
                        + ", so it is not certain where the field ends; double the quotes inside"
                        + " it, or set the option 'escape' or 'quote' to what the source uses");
    }

    /** What to throw when the row that starts at {@code start} is longer than allowed. */
    RowFormatException tooLong(int start, long row) {
        String cause =
                openQuote < 0
                        ? "; perhaps the source is not delimited text with line ends"
                        : "; probably the quote that opens at byte "
                                + (base + openQuote)
                                + " is not closed";
        return new RowFormatException(
                row,
                base + start,
                "the row is longer than the option 'maxRecordBytes' allows, "
                        + maxRecordBytes
                        + " bytes"
                        + cause
                        + ", else raise the option");
    }
}
