package org.citusingest.citus;

import org.citusingest.rows.Field;

/**
 * Encodes {@code float4} and {@code float8}: a decimal number with an optional sign, point and
 * exponent, rounded to the nearest value as {@code strtod} does. NaN, infinity, hexadecimal numbers
 * and what is too large or too near to zero for the type are left to the server.
 *
 * <p>Most numbers take the fast path of William D. Clinger, "How to Read Floating Point Numbers
 * Accurately" (PLDI 1990): a significand and a power of ten that are both exact doubles need a
 * single multiplication or division, which IEEE 754 rounds correctly. Others are for {@link
 * EiselLemire}, and what that does not decide for Java's own parser.
 */
final class FloatEncoder {
    private static final double[] POWERS_OF_TEN = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22
    };

    private static final long MAX_EXACT_SIGNIFICAND = 1L << 53;
    private static final int MAX_SIGNIFICANT_DIGITS = 18;
    private static final int MAX_EXPONENT_DIGITS = 4;

    /** The bits of a double that a float does not have, and their value halfway between floats. */
    private static final long LOST_BITS = (1L << 29) - 1;

    private static final long HALFWAY = 1L << 28;

    private FloatEncoder() {}

    /** Appends the text as {@code float8}; a {@link ColumnEncoder}. */
    static boolean float8(Field field, CopyBuffer out) {
        boolean typed = field.kind() == Field.Kind.FLOAT8;
        double value = typed ? field.real() : parse(field);
        if (Double.isNaN(value) && !typed) {
            return false;
        }
        out.putInt(8);
        out.putLong(Double.doubleToLongBits(value));
        return true;
    }

    /** Appends the text as {@code float4}; a {@link ColumnEncoder}. */
    static boolean float4(Field field, CopyBuffer out) {
        if (field.kind() == Field.Kind.FLOAT4) {
            out.putInt(4);
            out.putInt(Float.floatToIntBits((float) field.real()));
            return true;
        }
        double nearest = parse(field);
        if (Double.isNaN(nearest)) {
            return false;
        }
        float value = (float) nearest;
        if (!roundsOnce(nearest)) {
            value = Float.parseFloat(field.toString());
            if (Float.isInfinite(value) || value == 0) {
                return false;
            }
        }
        out.putInt(4);
        out.putInt(Float.floatToRawIntBits(value));
        return true;
    }

    /**
     * Whether the float nearest to this double is also nearest to the decimal number that was
     * rounded to the double. Rounding keeps the order of numbers and what is halfway between two
     * floats is itself a double, so only such a double can stand for decimals on both of its sides.
     */
    private static boolean roundsOnce(double value) {
        double magnitude = Math.abs(value);
        return magnitude == 0
                || (magnitude >= Float.MIN_NORMAL
                        && magnitude <= Float.MAX_VALUE
                        && (Double.doubleToRawLongBits(value) & LOST_BITS) != HALFWAY);
    }

    /** The double nearest to the number; NaN when the text is not recognised. */
    private static double parse(Field field) {
        byte[] bytes = field.bytes();
        int at = field.start();
        int end = field.end();
        boolean negative = at < end && bytes[at] == '-';
        if (negative || (at < end && bytes[at] == '+')) {
            at++;
        }
        long significand = 0;
        int significant = 0;
        int exponent = 0;
        boolean digits = false;
        boolean point = false;
        for (; at < end; at++) {
            int digit = bytes[at] - '0';
            if (digit >= 0 && digit <= 9) {
                digits = true;
                if (significand != 0 || digit != 0) {
                    significant++;
                }
                if (significant <= MAX_SIGNIFICANT_DIGITS) {
                    significand = significand * 10 + digit;
                    exponent -= point ? 1 : 0;
                }
            } else if (digit == '.' - '0' && !point) {
                point = true;
            } else {
                break;
            }
        }
        if (!digits) {
            return Double.NaN;
        }
        if (at < end) {
            int written = exponent(bytes, at, end);
            if (written == Integer.MIN_VALUE) {
                return Double.NaN;
            }
            exponent += written;
        }
        if (significand == 0) {
            return negative ? -0.0 : 0.0;
        }
        double value =
                significant > MAX_SIGNIFICANT_DIGITS ? Double.NaN : nearest(significand, exponent);
        if (Double.isNaN(value)) {
            return parseSlowly(field);
        }
        return negative ? -value : value;
    }

    /** The double nearest to the number, which is not zero; NaN when that takes the slow way. */
    private static double nearest(long significand, int exponent) {
        if (significand > MAX_EXACT_SIGNIFICAND || Math.abs(exponent) >= POWERS_OF_TEN.length) {
            return EiselLemire.nearest(significand, exponent);
        }
        return exponent < 0
                ? significand / POWERS_OF_TEN[-exponent]
                : significand * POWERS_OF_TEN[exponent];
    }

    /** The exponent that is all the rest of the text; the least int when it is not one. */
    private static int exponent(byte[] bytes, int start, int end) {
        int at = start;
        if (bytes[at] != 'e' && bytes[at] != 'E') {
            return Integer.MIN_VALUE;
        }
        at++;
        boolean negative = at < end && bytes[at] == '-';
        if (negative || (at < end && bytes[at] == '+')) {
            at++;
        }
        if (at == end || end - at > MAX_EXPONENT_DIGITS) {
            return Integer.MIN_VALUE;
        }
        int value = 0;
        for (; at < end; at++) {
            int digit = bytes[at] - '0';
            if (digit < 0 || digit > 9) {
                return Integer.MIN_VALUE;
            }
            value = value * 10 + digit;
        }
        return negative ? -value : value;
    }

    /** The number, which is not zero; NaN where the server would say that it is out of range. */
    private static double parseSlowly(Field field) {
        double value = Double.parseDouble(field.toString());
        return Double.isInfinite(value) || value == 0 ? Double.NaN : value;
    }
}
