package org.citusingest.rows.json;

import java.util.List;
import org.citusingest.rows.RowFormatException;
import org.citusingest.rows.RowIndex;

/**
 * A document with an array of records, or several documents one after the other. What is malformed
 * fails the load, as it is not known where the next record begins.
 */
final class JsonDocument implements JsonRecords {
    private final JsonScanner scanner;
    private final List<String> path;
    private final boolean[] found;
    private final byte[][] keys;
    private final int maxRecordBytes;

    private State state = State.VALUE;

    /** How many keys of the path lead to where it stands. */
    private int depth;

    private int consumed;

    /** What may come next. */
    private enum State {
        /** A value that the path leads to, or leads on from. */
        VALUE,
        /** The first key of an object on the path, or its end. */
        FIRST_KEY,
        /** Another key of it. */
        KEY,
        /** What follows a value of it. */
        AFTER_MEMBER,
        /** The first record of the array, or its end. */
        FIRST_RECORD,
        /** Another record. */
        RECORD,
        /** What follows a record. */
        AFTER_RECORD
    }

    JsonDocument(JsonScanner scanner, List<String> path, int maxRecordBytes) {
        this.scanner = scanner;
        this.path = path;
        this.maxRecordBytes = maxRecordBytes;
        found = new boolean[path.size()];
        keys = new byte[path.size()][];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = path.get(i).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    @Override
    public int consumed() {
        return consumed;
    }

    @Override
    public void scan(
            byte[] bytes, int to, boolean last, long base, long row, int maxRows, RowIndex index) {
        scanner.begin(index);
        scanner.text(bytes, to);
        int rows = 0;
        int at = 0;
        consumed = 0;
        while (rows < maxRows) {
            at = scanner.afterSpace(at);
            consumed = at;
            if (at == to) {
                if (last && (state != State.VALUE || depth > 0)) {
                    throw malformed(JsonError.ENDS_EARLY, at, base, row + rows);
                }
                break;
            }
            int start = at;
            boolean record = isRecord(bytes[at]);
            scanner.clear();
            at = record ? record(start, to, last) : step(bytes, start, base, row + rows);
            if (at < 0) {
                if (scanner.error() == JsonError.ENDS_EARLY && !last) {
                    break;
                }
                throw malformed(scanner.error(), scanner.errorAt(), base, row + rows);
            }
            if (at - start > maxRecordBytes) {
                throw tooLong(row + rows, base + start);
            }
            rows += record ? 1 : 0;
            consumed = at;
        }
        index.rows(rows);
    }

    private boolean isRecord(byte first) {
        return switch (state) {
            case VALUE -> depth == path.size() && first != '[';
            case FIRST_RECORD -> first != ']';
            case RECORD -> true;
            case FIRST_KEY, KEY, AFTER_MEMBER, AFTER_RECORD -> false;
        };
    }

    private int record(int start, int to, boolean last) {
        int at = scanner.record(start);
        if (at == to && !last && state == State.VALUE) {
            // A number may go on.
            scanner.clear();
            return scanner.wrong(JsonError.ENDS_EARLY, to);
        }
        if (at >= 0) {
            if (state == State.VALUE) {
                valueEnded();
            } else {
                state = State.AFTER_RECORD;
            }
        }
        return at;
    }

    /** Goes on by what stands here and is no record; gives where that ends. */
    private int step(byte[] bytes, int at, long base, long row) {
        int c = bytes[at];
        switch (state) {
            case VALUE -> {
                if (depth == path.size()) {
                    state = State.FIRST_RECORD;
                } else if (c == '{') {
                    found[depth] = false;
                    state = State.FIRST_KEY;
                } else {
                    throw notFound(depth, base + at, row);
                }
            }
            case FIRST_KEY, KEY -> {
                if (c != '}' || state == State.KEY) {
                    return member(at, base, row);
                }
                objectEnded(base + at, row);
            }
            case AFTER_MEMBER -> {
                if (c == '}') {
                    objectEnded(base + at, row);
                } else if (c == ',') {
                    state = State.KEY;
                } else {
                    return scanner.wrong(JsonError.NO_COMMA_IN_OBJECT, at);
                }
            }
            case FIRST_RECORD -> valueEnded();
            case AFTER_RECORD -> {
                if (c == ']') {
                    valueEnded();
                } else if (c == ',') {
                    state = State.RECORD;
                } else {
                    return scanner.wrong(JsonError.NO_COMMA_IN_ARRAY, at);
                }
            }
            case RECORD -> throw new AssertionError(state);
        }
        return at + 1;
    }

    /** A key of an object on the path, and its value unless the path goes there. */
    private int member(int at, long base, long row) {
        int value = scanner.key(at);
        if (value < 0) {
            return JsonSyntax.WRONG;
        }
        if (scanner.isKey(at + 1, keys[depth])) {
            if (found[depth]) {
                throw new RowFormatException(
                        row,
                        base + at,
                        "the key '%s' of the option 'path' stands twice in its object, so it is not certain which records are meant; correct the source"
                                .formatted(path.get(depth)));
            }
            found[depth] = true;
            depth++;
            state = State.VALUE;
            return value;
        }
        int end = scanner.skip(value, depth + 2);
        if (end >= 0) {
            state = State.AFTER_MEMBER;
        }
        return end;
    }

    private void objectEnded(long byteOffset, long row) {
        if (!found[depth]) {
            throw notFound(depth + 1, byteOffset, row);
        }
        valueEnded();
    }

    /** The value ends that so many keys of the path lead to. */
    private void valueEnded() {
        if (depth == 0) {
            state = State.VALUE;
        } else {
            depth--;
            state = State.AFTER_MEMBER;
        }
    }

    private RowFormatException notFound(int keys, long byteOffset, long row) {
        return new RowFormatException(
                row,
                byteOffset,
                "the document has no %s at /%s, so it has no records where the option 'path' says; correct the option or the source"
                        .formatted(
                                keys == path.size() ? "value" : "object",
                                String.join("/", path.subList(0, keys))));
    }

    private RowFormatException malformed(JsonError error, int at, long base, long row) {
        return new RowFormatException(
                row,
                base + at,
                error.text() + ", so where the next row begins is not certain; correct the source");
    }

    private RowFormatException tooLong(long row, long byteOffset) {
        return JsonReader.tooLong(row, byteOffset, maxRecordBytes, "JSON");
    }
}
