package org.citusingest.rows.json;

import java.util.List;
import org.citusingest.rows.RowIndex;

/**
 * Notes in an index where the values of records stand.
 *
 * <p>A row takes three ints: where it starts, where it ends and how many values it has. Each value
 * takes three more: its column, where it starts, and where it ends, shifted left by two, with how
 * it is written in the lowest two bits. Of a column that has several the last one counts. In place
 * of the number of values a row that is none has a negative one, for a {@link JsonError}, and then
 * where that is.
 */
final class JsonScanner extends JsonSyntax {
    /** What stands there is the text of the value. */
    static final int PLAIN = 0;

    /** It is the text between the quotes of a string. */
    static final int STRING = 1;

    /** It is the same, with escapes. */
    static final int ESCAPED = 2;

    /** The value is null. */
    static final int NULL = 3;

    /** Where a row starts, where it ends, and how many values it has. */
    static final int ROW_INTS = 3;

    /** A column, where a value starts, and where it ends. */
    static final int VALUE_INTS = 3;

    private final Keys keys;
    private final Keys elements;
    private final int width;
    private final List<String> discovered;

    private RowIndex index;
    private int[] ints = {};
    private int head;
    private int used;
    private int known;
    private long row;
    private byte[] name = {};

    /**
     * @param keys those that are read
     * @param width how many columns there are; 0 when they are the keys of the records
     * @param discovered where new keys are added; null when the columns are given
     * @param lines whether a record ends with its line
     */
    JsonScanner(Keys keys, int width, List<String> discovered, boolean lines, int maxDepth) {
        super(lines, maxDepth);
        this.keys = keys;
        this.width = width;
        this.discovered = discovered;
        elements = Keys.elements(width);
    }

    static int kind(int end) {
        return end & 3;
    }

    static int end(int end) {
        return end >>> 2;
    }

    /** Begins with an index of no rows. */
    void begin(RowIndex empty) {
        index = empty;
        ints = empty.ints();
        used = 0;
    }

    /**
     * Reads the record that starts here.
     *
     * @return where it ends; negative when it is malformed, and then nothing is written
     */
    int record(int at) {
        clear();
        row++;
        head = used;
        known = discovered == null ? 0 : discovered.size();
        reserve();
        used += ROW_INTS;
        int end;
        if (bytes[at] == '{') {
            end = object(at, keys, 1);
        } else if (bytes[at] == '[' && width > 0) {
            end = array(at, elements, 1);
        } else {
            end = skip(at, 1);
            if (end >= 0) {
                wrong(bytes[at] == '[' ? JsonError.NO_NAMES : JsonError.NO_RECORD, at);
            }
        }
        if (end < 0) {
            forget();
        } else if (error() != null) {
            refuse(at, end);
        } else {
            ints[head] = at;
            ints[head + 1] = end;
            ints[head + 2] = (used - head - ROW_INTS) / VALUE_INTS;
        }
        return end;
    }

    /** Makes the last record one that is none, for its error. */
    void refuse(int at, int end) {
        forget();
        reserve();
        ints[head] = at;
        ints[head + 1] = end;
        ints[head + 2] = error().count();
        ints[head + 3] = errorAt();
        used += ROW_INTS + 1;
    }

    /** Takes back what the last record has brought; its keys may be no names of columns. */
    private void forget() {
        used = head;
        if (discovered != null && discovered.size() > known) {
            keys.forget(known);
            discovered.subList(known, discovered.size()).clear();
        }
    }

    private void reserve() {
        if (used + ROW_INTS + VALUE_INTS > ints.length) {
            ints = index.grow();
        }
    }

    private void add(int column, int from, int end, int kind) {
        reserve();
        ints[used] = column;
        ints[used + 1] = from;
        ints[used + 2] = end << 2 | kind;
        used += VALUE_INTS;
    }

    private int object(int from, Keys keys, int depth) {
        if (isTooDeep(depth)) {
            return wrong(JsonError.TOO_DEEP, from);
        }
        int at = afterSpace(from + 1);
        if (at < to && bytes[at] == '}') {
            return at + 1;
        }
        Keys.Key before = null;
        Keys.Key likely = keys.first();
        while (true) {
            if (at >= to || bytes[at] != '"') {
                return wrong(JsonError.NO_KEY, at);
            }
            Keys.Key key = likely;
            int end = key == null ? WRONG : key.ends(bytes, at + 1, to);
            if (end < 0) {
                end = string(at + 1);
                if (end < 0) {
                    return WRONG;
                }
                key = find(keys, at + 1, end - 1);
                if (key != null && before != null) {
                    before.next(key);
                } else if (key != null) {
                    keys.first(key);
                }
            }
            if (key != null) {
                before = key;
                likely = key.next();
            }
            at = colon(end);
            if (at < 0) {
                return WRONG;
            }
            at = value(afterSpace(at), key, depth);
            if (at < 0) {
                return WRONG;
            }
            at = afterSpace(at);
            int c = at < to ? bytes[at] : 0;
            if (c == '}') {
                return at + 1;
            }
            if (c != ',') {
                return wrong(JsonError.NO_COMMA_IN_OBJECT, at);
            }
            at = afterSpace(at + 1);
        }
    }

    private Keys.Key find(Keys keys, int from, int to) {
        byte[] written = bytes;
        int start = from;
        int end = to;
        if (isEscaped()) {
            if (name.length < to - from) {
                name = new byte[to - from];
            }
            written = name;
            start = 0;
            end = JsonString.unescape(bytes, from, to, name, 0);
        }
        Keys.Key key = keys.find(written, start, end);
        if (key != null || discovered == null) {
            return key;
        }
        if (discovered.size() == Keys.MOST_COLUMNS) {
            wrong(JsonError.TOO_MANY_KEYS, from);
            return null;
        }
        return keys.discover(written, start, end, discovered)
                .orElseGet(
                        () -> {
                            wrong(JsonError.BAD_KEY, from);
                            return null;
                        });
    }

    private int array(int from, Keys keys, int depth) {
        if (isTooDeep(depth)) {
            return wrong(JsonError.TOO_DEEP, from);
        }
        int at = afterSpace(from + 1);
        int count = 0;
        if (at < to && bytes[at] == ']') {
            at++;
        } else {
            while (true) {
                at = value(at, keys.element(count), depth);
                if (at < 0) {
                    return WRONG;
                }
                count++;
                at = afterSpace(at);
                int c = at < to ? bytes[at] : 0;
                at++;
                if (c == ']') {
                    break;
                }
                if (c != ',') {
                    return wrong(JsonError.NO_COMMA_IN_ARRAY, at - 1);
                }
                at = afterSpace(at);
            }
        }
        if (keys == elements && count != width) {
            wrong(JsonError.OTHER_LENGTH, from);
        }
        return at;
    }

    /**
     * Reads a value.
     *
     * @param key what leads to it; null when it is of no interest
     * @param depth how deep the object or array is that it stands in
     */
    private int value(int at, Keys.Key key, int depth) {
        int c = at < to ? bytes[at] : 0;
        boolean nested = c == '{' || c == '[';
        if (key == null) {
            return nested ? skip(at, depth + 1) : scalar(at);
        }
        Keys children = key.children();
        if (children != null && key.again(row)) {
            wrong(JsonError.KEY_TWICE, at);
        }
        int end;
        if (!nested) {
            end = scalar(at);
        } else if (children == null) {
            end = skip(at, depth + 1);
        } else if (c == '{') {
            end = object(at, children, depth + 1);
        } else {
            end = array(at, children, depth + 1);
        }
        if (end >= 0 && key.column() >= 0) {
            if (c == '"') {
                add(key.column(), at + 1, end - 1, isEscaped() ? ESCAPED : STRING);
            } else {
                add(key.column(), at, end, c == 'n' ? NULL : PLAIN);
            }
        }
        return end;
    }
}
