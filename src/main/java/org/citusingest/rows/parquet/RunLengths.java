package org.citusingest.rows.parquet;

/**
 * Small numbers as runs of one value and as packed bits in turn: levels, and dictionary indexes.
 */
final class RunLengths {
    private static final int PACKED_GROUP = 8;

    private final PageBytes in;
    private final BitReader bits;
    private final int width;
    private long left;
    private boolean packed;
    private int repeated;

    /**
     * @param width how many bits a number has
     */
    RunLengths(PageBytes in, int width) {
        if (width > Integer.SIZE) {
            throw new DamageException("a page has numbers of %d bits".formatted(width));
        }
        this.in = in;
        this.bits = new BitReader(in);
        this.width = width;
    }

    /** Levels up to this one. */
    static RunLengths levels(PageBytes in, int highest) {
        return new RunLengths(in, Integer.SIZE - Integer.numberOfLeadingZeros(highest));
    }

    int next() {
        while (left == 0) {
            begin();
        }
        left--;
        return packed ? (int) bits.read(width) : repeated;
    }

    private void begin() {
        long header = in.readVarint();
        packed = (header & 1) != 0;
        left = header >>> 1;
        if (packed) {
            bits.align();
            left *= PACKED_GROUP;
        } else {
            repeated = 0;
            for (int shift = 0; shift < width; shift += Byte.SIZE) {
                repeated |= in.readByte() << shift;
            }
        }
    }
}
