package org.citusingest.rows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** Walks over the rows of delimited text by their index. */
final class DelimitedCursor implements RowCursor {
    private final TextBatch batch;
    private final byte[] bytes;
    private final int[] ints;
    private final int size;
    private final byte quote;
    private final byte escape;
    private final byte[] nullToken;

    private int row = -1;
    private int start;
    private int fields;
    private int firstField;

    // Holds the fields of this row that had to be unescaped, one after the other.
    private byte[] unescaped = {};
    private int used;

    DelimitedCursor(TextBatch batch, DelimitedFormat format) {
        this.batch = batch;
        bytes = batch.bytes();
        ints = batch.index();
        size = batch.size();
        quote = (byte) format.quote();
        escape = (byte) format.escape();
        nullToken = format.nullToken().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean next() {
        batch.checkHeld();
        if (row + 1 >= size) {
            fields = 0;
            return false;
        }
        int head = firstField + fields;
        row++;
        start = ints[head];
        fields = ints[head + 1];
        firstField = head + RowIndex.ROW_INTS;
        used = 0;
        return true;
    }

    @Override
    public int fields() {
        return fields;
    }

    @Override
    public boolean read(int index, Field field) {
        Objects.checkIndex(index, fields);
        int entry = ints[firstField + index];
        int from = index == 0 ? start : RowIndex.end(ints[firstField + index - 1]) + 1;
        int to = RowIndex.end(entry);
        switch (RowIndex.kind(entry)) {
            case RowIndex.PLAIN -> {
                if (to - from == nullToken.length
                        && (nullToken.length == 0
                                || Arrays.equals(
                                        bytes, from, to, nullToken, 0, nullToken.length))) {
                    return false;
                }
                field.set(bytes, from, to);
            }
            case RowIndex.QUOTED -> field.set(bytes, from + 1, to - 1);
            default -> unescape(from + 1, to - 1, field);
        }
        return true;
    }

    @Override
    public long rowNumber() {
        return batch.span().firstRow() + row;
    }

    @Override
    public long byteOffset() {
        return batch.base() + start;
    }

    @Override
    public byte[] raw() {
        return Arrays.copyOfRange(bytes, start, RowIndex.end(ints[firstField + fields - 1]));
    }

    private void unescape(int from, int to, Field field) {
        if (unescaped.length - used < to - from) {
            // A new array: fields of this row that were read before keep the old one.
            unescaped = new byte[Math.max(to - from, unescaped.length * 2)];
            used = 0;
        }
        int begin = used;
        for (int at = from; at < to; at++) {
            byte c = bytes[at];
            // The last byte is never the first of a pair, as the index knows the closing quote.
            if (at + 1 < to
                    && (c == quote || (c == escape && escape != 0))
                    && (bytes[at + 1] == quote || (c == escape && bytes[at + 1] == escape))) {
                at++;
            }
            unescaped[used++] = bytes[at];
        }
        field.set(unescaped, begin, used);
    }
}
