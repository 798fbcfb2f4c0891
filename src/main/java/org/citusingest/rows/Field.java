package org.citusingest.rows;

import java.nio.charset.StandardCharsets;

/**
 * The text of one field: a slice of a byte array, without its quotes and escapes, in UTF-8.
 *
 * <p>One instance is pointed at one field after the other, so that reading a row makes no objects.
 * The array belongs to the batch: read it, do not keep it.
 */
public final class Field {
    private byte[] bytes = {};
    private int start;
    private int end;

    /** The array that holds the text. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where the text starts, inclusive. */
    public int start() {
        return start;
    }

    /** Where the text ends, exclusive. */
    public int end() {
        return end;
    }

    /** How many bytes the text has. */
    public int length() {
        return end - start;
    }

    /** Points this field at {@code bytes[start, end)}. */
    public void set(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
    }

    @Override
    public String toString() {
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }
}
