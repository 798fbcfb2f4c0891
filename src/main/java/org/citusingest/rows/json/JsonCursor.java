package org.citusingest.rows.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowCursor;
import org.citusingest.rows.TextBatch;

/** Walks over records by their index. */
final class JsonCursor implements RowCursor {
    private final TextBatch batch;
    private final byte[] bytes;
    private final int[] ints;
    private final byte[] before;
    private final byte[] after;

    /** Where the value of each column stands in the index; below {@link #head} for none. */
    private final int[] places;

    private int row = -1;
    private int head;
    private int nextHead;

    // Holds the values of this row that had to be unescaped, one after the other.
    private byte[] unescaped = {};
    private int used;

    /**
     * @param before what makes a row a source of the same form, before it
     * @param after the same, after it
     */
    JsonCursor(TextBatch batch, String before, String after) {
        this.batch = batch;
        bytes = batch.bytes();
        ints = batch.index();
        places = new int[batch.columns().size()];
        this.before = before.getBytes(StandardCharsets.UTF_8);
        this.after = after.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean next() {
        batch.checkHeld();
        if (row + 1 >= batch.size()) {
            Arrays.fill(places, -1);
            return false;
        }
        row++;
        head = nextHead;
        used = 0;
        int count = ints[head + 2];
        int at = head + JsonScanner.ROW_INTS;
        for (int i = 0; i < count; i++) {
            places[ints[at]] = at;
            at += JsonScanner.VALUE_INTS;
        }
        nextHead = count < 0 ? at + 1 : at;
        return true;
    }

    @Override
    public int fields() {
        return places.length;
    }

    @Override
    public String refusal() {
        JsonError error = JsonError.of(ints[head + 2]);
        return error == null ? null : error.at(batch.base() + ints[head + JsonScanner.ROW_INTS]);
    }

    @Override
    public boolean read(int index, Field field) {
        Objects.checkIndex(index, places.length);
        int place = places[index];
        // Of the first row, too, as its own ints stand before its values.
        if (place <= head) {
            return false;
        }
        int from = ints[place + 1];
        int to = JsonScanner.end(ints[place + 2]);
        switch (JsonScanner.kind(ints[place + 2])) {
            case JsonScanner.PLAIN -> field.setJson(bytes, from, to, bytes, from, to);
            case JsonScanner.STRING -> field.setJson(bytes, from, to, bytes, from - 1, to + 1);
            case JsonScanner.ESCAPED -> unescape(from, to, field);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void unescape(int from, int to, Field field) {
        if (unescaped.length - used < to - from) {
            // A new array: fields of this row that were read before keep the old one.
            unescaped = new byte[Math.max(to - from, unescaped.length * 2)];
            used = 0;
        }
        int end = JsonString.unescape(bytes, from, to, unescaped, used);
        field.setJson(unescaped, used, end, bytes, from - 1, to + 1);
        used = end;
    }

    @Override
    public long rowNumber() {
        return batch.span().firstRow() + row;
    }

    @Override
    public long byteOffset() {
        return batch.base() + ints[head];
    }

    @Override
    public byte[] raw() {
        int from = ints[head];
        int to = ints[head + 1];
        byte[] raw = Arrays.copyOf(before, before.length + to - from + after.length);
        System.arraycopy(bytes, from, raw, before.length, to - from);
        System.arraycopy(after, 0, raw, raw.length - after.length, after.length);
        return raw;
    }
}
