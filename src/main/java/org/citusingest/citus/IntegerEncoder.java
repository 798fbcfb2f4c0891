package org.citusingest.citus;

import org.citusingest.rows.Field;

/**
 * Encodes {@code int2}, {@code int4} and {@code int8}: decimal digits after an optional sign,
 * within the range of the type. Spaces, underscores and the hexadecimal, octal and binary forms of
 * PostgreSQL 16 are left to the server.
 */
final class IntegerEncoder implements ColumnEncoder {
    /** So many digits fit in an unsigned long, whatever they are. */
    private static final int MAX_DIGITS = 19;

    private final int width;

    /**
     * @param width the size of the type in bytes: 2, 4 or 8
     */
    IntegerEncoder(int width) {
        this.width = width;
    }

    @Override
    public boolean encode(Field field, CopyBuffer out) {
        if (field.kind() == Field.Kind.INTEGER) {
            return put(field.number(), out);
        }
        byte[] bytes = field.bytes();
        int at = field.start();
        int end = field.end();
        boolean negative = at < end && bytes[at] == '-';
        if (negative || (at < end && bytes[at] == '+')) {
            at++;
        }
        if (at == end) {
            return false;
        }
        while (at < end - 1 && bytes[at] == '0') {
            at++;
        }
        if (end - at > MAX_DIGITS) {
            return false;
        }
        long magnitude = 0;
        for (; at < end; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            magnitude = magnitude * 10 + digit;
        }
        // The magnitude is unsigned: a negative one is 2^63 or more, where only -2^63 is an int8.
        if (magnitude < 0 && !(negative && magnitude == Long.MIN_VALUE)) {
            return false;
        }
        return put(negative ? -magnitude : magnitude, out);
    }

    private boolean put(long value, CopyBuffer out) {
        if (width == 8) {
            out.putInt(8);
            out.putLong(value);
            return true;
        }
        if (width == 4 && value == (int) value) {
            out.putInt(4);
            out.putInt((int) value);
            return true;
        }
        if (width == 2 && value == (short) value) {
            out.putInt(2);
            out.putShort((int) value);
            return true;
        }
        return false;
    }
}
