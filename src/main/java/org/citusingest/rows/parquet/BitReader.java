package org.citusingest.rows.parquet;

/** Reads numbers of any width in bits, from the lowest bit of each byte to the highest. */
final class BitReader {
    /** A wider number does not always fit beside the rest of the byte before it. */
    private static final int ONE_STEP = 56;

    private final PageBytes in;
    private long buffer;
    private int bits;

    BitReader(PageBytes in) {
        this.in = in;
    }

    /** Leaves the rest of a byte that was begun. */
    void align() {
        buffer = 0;
        bits = 0;
    }

    /** The next number of so many bits, 0 to 64. */
    long read(int width) {
        if (width > ONE_STEP) {
            long low = read(Integer.SIZE);
            return low | read(width - Integer.SIZE) << Integer.SIZE;
        }
        while (bits < width) {
            buffer |= (long) in.readByte() << bits;
            bits += Byte.SIZE;
        }
        long value = buffer & ((1L << width) - 1);
        buffer >>>= width;
        bits -= width;
        return value;
    }
}
