package org.citusingest.citus;

import org.citusingest.rows.Field;

/**
 * Encodes {@code numeric}: decimal digits with an optional sign and an optional point. Exponents,
 * NaN, infinity and texts of more than {@value #MAX_LENGTH} bytes are left to the server.
 *
 * <p>The form is that of {@code numeric_send} in PostgreSQL's {@code numeric.c}: the number of
 * digits in base 10000, the weight of the first one (the power of 10000 it counts), the sign, the
 * number of decimal digits after the point ({@code dscale}), then the digits, of which neither the
 * first nor the last is 0.
 */
final class NumericEncoder implements ColumnEncoder {
    private static final int MAX_LENGTH = 1000;
    private static final int HEADER = 8;
    private static final int POSITIVE = 0x0000;
    private static final int NEGATIVE = 0x4000;
    private static final int DECIMALS = 4;

    @Override
    public boolean encode(Field field, CopyBuffer out) {
        byte[] bytes = field.bytes();
        int at = field.start();
        int end = field.end();
        if (at == end || end - at > MAX_LENGTH) {
            return false;
        }
        boolean negative = bytes[at] == '-';
        if (negative || bytes[at] == '+') {
            at++;
        }
        int whole = at;
        int point = digitsEnd(bytes, at, end);
        if (point < end && bytes[point] != '.') {
            return false;
        }
        int fraction = Math.min(point + 1, end);
        if (digitsEnd(bytes, fraction, end) < end || point - whole + end - fraction == 0) {
            return false;
        }
        while (whole < point && bytes[whole] == '0') {
            whole++;
        }
        put(bytes, whole, point, fraction, end, negative, out);
        return true;
    }

    /** Appends the number whose digits before the point have no leading zero. */
    private static void put(
            byte[] bytes,
            int whole,
            int point,
            int fraction,
            int end,
            boolean negative,
            CopyBuffer out) {
        int length = out.size();
        // Base-10000 digits are aligned to the point, so the first one may have fewer decimals.
        int weight = (point - whole + DECIMALS - 1) / DECIMALS - 1;
        out.reserve(4 + HEADER + 2 * ((end - whole) / DECIMALS + 2));
        out.putLong(0);
        out.putInt(0);
        int first = out.size();
        int last = first;
        for (int group = point - (weight + 1) * DECIMALS; group < point; group += DECIMALS) {
            out.putShort(digit(bytes, Math.max(group, whole), group + DECIMALS, 0));
            last = notZero(out, last);
        }
        for (int group = fraction; group < end; group += DECIMALS) {
            int missing = Math.max(group + DECIMALS - end, 0);
            int digit = digit(bytes, group, group + DECIMALS - missing, missing);
            if (digit == 0 && out.size() == first) {
                weight--;
            } else {
                out.putShort(digit);
                last = notZero(out, last);
            }
        }
        int digits = (last - first) / 2;
        boolean zero = digits == 0;
        out.rewind(last);
        out.setInt(length, HEADER + 2 * digits);
        out.setInt(length + 4, (digits << 16) | (zero ? 0 : weight & 0xFFFF));
        out.setInt(
                length + 8, ((negative && !zero ? NEGATIVE : POSITIVE) << 16) | (end - fraction));
    }

    /** The end of the buffer when its last digit is not 0, else {@code last}. */
    private static int notZero(CopyBuffer out, int last) {
        int size = out.size();
        return (out.bytes()[size - 2] | out.bytes()[size - 1]) == 0 ? last : size;
    }

    private static int digit(byte[] bytes, int from, int to, int missing) {
        int value = 0;
        for (int i = from; i < to; i++) {
            value = value * 10 + bytes[i] - '0';
        }
        for (int i = 0; i < missing; i++) {
            value *= 10;
        }
        return value;
    }

    private static int digitsEnd(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at;
    }
}
