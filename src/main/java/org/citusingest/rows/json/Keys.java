package org.citusingest.rows.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The keys of an object of which something is read, and those of the objects in it.
 *
 * <p>Objects of one source mostly have the same keys in the same order, so the key that came after
 * this one the last time is tried first.
 */
final class Keys {
    /** A source in which keys are values must not fill the memory. */
    static final int MOST_COLUMNS = 10_000;

    private static final int FIRST_SLOTS = 16;

    /** An element of an array is one of the first so many, or not read by its number. */
    private static final String ELEMENT_NUMBER = "0|[1-9]\\d{0,3}";

    private Key[] slots = new Key[FIRST_SLOTS];
    private int count;
    private Key first;
    private Key[] elements = {};

    /** A key of an object. */
    static final class Key {
        private final byte[] name;
        private final byte[] written;
        private final int hash;
        private Key next;
        private int column = -1;
        private Keys children;
        private long row;

        private Key(byte[] name) {
            this.name = name;
            hash = Keys.hash(name, 0, name.length);
            written = written(name);
        }

        /** With the closing quote; empty where it has to be written with escapes. */
        private static byte[] written(byte[] name) {
            for (byte c : name) {
                if (c == '"' || c == '\\' || (c >= 0 && c < ' ')) {
                    return new byte[0];
                }
            }
            byte[] written = Arrays.copyOf(name, name.length + 1);
            written[name.length] = '"';
            return written;
        }

        /** The column that its value is for; negative for none. */
        int column() {
            return column;
        }

        /** The keys of its value that are read; null for none. */
        Keys children() {
            return children;
        }

        /** Which key came after it the last time; null where that is not known. */
        Key next() {
            return next;
        }

        /** Says which key comes after it. */
        void next(Key key) {
            next = key;
        }

        /**
         * Whether it stands here, after its opening quote.
         *
         * @return where it ends, after its closing quote; negative when another key stands here
         */
        int ends(byte[] bytes, int at, int to) {
            int end = at + written.length;
            return end <= to
                            && written.length > 0
                            && Arrays.equals(bytes, at, end, written, 0, written.length)
                    ? end
                    : -1;
        }

        /** Whether it has stood in this row before; from now on it has. */
        boolean again(long thisRow) {
            boolean again = row == thisRow;
            row = thisRow;
            return again;
        }
    }

    /** The keys that lead to columns. */
    static Keys of(List<ColumnPath> columns) {
        Keys root = new Keys();
        for (int i = 0; i < columns.size(); i++) {
            Keys keys = root;
            Key key = null;
            for (String name : columns.get(i).path()) {
                if (key != null) {
                    keys = key.children == null ? new Keys() : key.children;
                    key.children = keys;
                }
                key = keys.findOrAdd(name);
            }
            if (key.column >= 0) {
                throw new IllegalArgumentException(
                        "The option 'columns' takes '%s' and '%s' from the same place"
                                .formatted(columns.get(key.column).name(), columns.get(i).name()));
            }
            key.column = i;
        }
        return root;
    }

    /** The elements of an array, each for one column. */
    static Keys elements(int columns) {
        Keys keys = new Keys();
        keys.elements = new Key[columns];
        for (int i = 0; i < columns; i++) {
            keys.elements[i] = new Key(new byte[0]);
            keys.elements[i].column = i;
        }
        return keys;
    }

    private Key findOrAdd(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        Key known = find(utf8, 0, utf8.length);
        if (known != null) {
            return known;
        }
        Key key = add(utf8);
        if (name.matches(ELEMENT_NUMBER)) {
            int number = Integer.parseInt(name);
            elements = Arrays.copyOf(elements, Math.max(elements.length, number + 1));
            elements[number] = key;
        }
        return key;
    }

    /** The key that came first the last time; null where that is not known. */
    Key first() {
        return first;
    }

    /** Says which key comes first. */
    void first(Key key) {
        first = key;
    }

    /** The element of an array with this number, counted from 0; null when it is not read. */
    Key element(int number) {
        return number < elements.length ? elements[number] : null;
    }

    /** The key that is written so, without quotes and escapes; null when it is not known. */
    Key find(byte[] bytes, int from, int to) {
        int hash = hash(bytes, from, to);
        for (int slot = hash & (slots.length - 1);
                slots[slot] != null;
                slot = (slot + 1) & (slots.length - 1)) {
            Key key = slots[slot];
            if (key.hash == hash && Arrays.equals(key.name, 0, key.name.length, bytes, from, to)) {
                return key;
            }
        }
        return null;
    }

    /**
     * Makes a new key, whose value is for a new column.
     *
     * @return empty when it is no text
     */
    Optional<Key> discover(byte[] bytes, int from, int to, List<String> columns) {
        String name;
        try {
            name =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes, from, to - from))
                            .toString();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
        if (name.indexOf('\0') >= 0) {
            return Optional.empty();
        }
        Key key = add(Arrays.copyOfRange(bytes, from, to));
        key.column = columns.size();
        columns.add(name);
        return Optional.of(key);
    }

    /** Forgets the keys whose values are for columns from this one on. */
    void forget(int from) {
        Key[] old = slots;
        slots = new Key[old.length];
        first = null;
        count = 0;
        for (Key key : old) {
            if (key != null && key.column < from) {
                key.next = null;
                count++;
                put(key);
            }
        }
    }

    private Key add(byte[] name) {
        if (++count > slots.length / 2) {
            Key[] old = slots;
            slots = new Key[old.length * 2];
            Arrays.stream(old).filter(Objects::nonNull).forEach(this::put);
        }
        Key key = new Key(name);
        put(key);
        return key;
    }

    private void put(Key key) {
        int slot = key.hash & (slots.length - 1);
        while (slots[slot] != null) {
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = key;
    }

    private static int hash(byte[] bytes, int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + bytes[i];
        }
        return hash ^ hash >>> 16;
    }
}
