package org.citusingest.citus;

import java.math.BigInteger;

/**
 * Rounds a decimal number to the nearest double by one or two multiplications.
 *
 * <p>The algorithm is that of Michael Eisel and Daniel Lemire: Lemire, "Number Parsing at a
 * Gigabyte per Second" (Software: Practice and Experience, 2021), section 5. It multiplies the
 * significand by the power of five, truncated to 128 bits; the power of two only moves the
 * exponent. It stands for {@link Double#parseDouble}, which is several times slower and needs a
 * String, where all 17 digits of a double are written.
 */
final class EiselLemire {
    private static final int MIN_EXPONENT = -342;
    private static final int MAX_EXPONENT = 308;

    /** 5^27 is the last power of five of less than 64 bits, so that 64 bits may divide by it. */
    private static final int MIN_EXACT_EXPONENT = -27;

    private static final int SIGNIFICAND_BITS = 52;
    private static final int EXPONENT_BIAS = 1023;
    private static final int INFINITE = 2047;

    /** The bits of the product's upper half that are not kept, but for the two that round. */
    private static final int CUT_BITS = 64 - SIGNIFICAND_BITS - 3;

    private static final long CUT_MASK = (1L << CUT_BITS) - 1;
    private static final BigInteger FIVE = BigInteger.valueOf(5);

    /** The upper and lower 64 bits of the powers of five, their highest bit being 1. */
    private static final long[] UPPER = new long[MAX_EXPONENT - MIN_EXPONENT + 1];

    private static final long[] LOWER = new long[UPPER.length];

    static {
        for (int exponent = MIN_EXPONENT; exponent <= MAX_EXPONENT; exponent++) {
            BigInteger power = powerOfFive(exponent);
            UPPER[exponent - MIN_EXPONENT] = power.shiftRight(64).longValue();
            LOWER[exponent - MIN_EXPONENT] = power.longValue();
        }
    }

    private EiselLemire() {}

    /**
     * The double nearest to {@code significand * 10^exponent}.
     *
     * @param significand greater than 0
     * @return NaN where the algorithm does not decide: results that are not normal numbers, and
     *     rare products that 128 bits cannot tell from halfway
     */
    static double nearest(long significand, int exponent) {
        if (exponent < MIN_EXPONENT || exponent > MAX_EXPONENT) {
            return Double.NaN;
        }
        int zeros = Long.numberOfLeadingZeros(significand);
        long normal = significand << zeros;
        long factor = UPPER[exponent - MIN_EXPONENT];
        long upper = unsignedMultiplyHigh(normal, factor);
        long lower = normal * factor;
        if ((upper & CUT_MASK) == CUT_MASK) {
            // The lower half of the power may carry into what is kept.
            long more = unsignedMultiplyHigh(normal, LOWER[exponent - MIN_EXPONENT]);
            lower += more;
            if (Long.compareUnsigned(more, lower) > 0) {
                upper++;
            }
            if (lower == -1) {
                return Double.NaN;
            }
        }
        int top = (int) (upper >>> 63);
        long kept = upper >>> (top + CUT_BITS);
        int biased = binaryExponent(exponent) + top - zeros + EXPONENT_BIAS;
        if (biased <= 0) {
            return Double.NaN;
        }
        boolean maybeHalfway = lower >= 0 && lower <= 1 && exponent >= -4 && exponent <= 23;
        if (maybeHalfway && (kept & 3) == 1 && kept << (top + CUT_BITS) == upper) {
            kept &= ~1L;
        }
        // Adding the fraction with its bits carries into the exponent where all bits were 1.
        long rounded = (kept + (kept & 1)) >>> 1;
        long bits = rounded + ((long) (biased - 1) << SIGNIFICAND_BITS);
        return bits >>> SIGNIFICAND_BITS >= INFINITE ? Double.NaN : Double.longBitsToDouble(bits);
    }

    /** 63 + floor(log2(10^exponent)), by a fixed-point log2(10) that is exact in the range. */
    private static int binaryExponent(int exponent) {
        return (((152_170 + 65_536) * exponent) >> 16) + 63;
    }

    /**
     * The first 128 bits of 5^exponent, truncated. Those of a small reciprocal are rounded up:
     * there a decimal may be exactly a double or halfway, and its product must not fall below it.
     */
    private static BigInteger powerOfFive(int exponent) {
        BigInteger power = FIVE.pow(Math.abs(exponent));
        int bits = power.bitLength();
        if (exponent >= 0) {
            return power.shiftLeft(128).shiftRight(bits);
        }
        int precision = exponent >= MIN_EXACT_EXPONENT ? bits + 127 : 2 * bits + 128;
        BigInteger reciprocal =
                BigInteger.ONE.shiftLeft(precision).divide(power).add(BigInteger.ONE);
        return reciprocal.shiftRight(reciprocal.bitLength() - 128);
    }

    /** {@code Math.unsignedMultiplyHigh} of Java 18. */
    private static long unsignedMultiplyHigh(long a, long b) {
        return Math.multiplyHigh(a, b) + ((a >> 63) & b) + ((b >> 63) & a);
    }
}
