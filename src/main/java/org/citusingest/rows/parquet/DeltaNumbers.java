package org.citusingest.rows.parquet;

/**
 * Whole numbers by their differences (DELTA_BINARY_PACKED): blocks, each with its least difference
 * and the widths of its miniblocks, which hold what the differences are more than that.
 */
final class DeltaNumbers extends Values {
    private static final int MINIBLOCK_UNIT = 8;

    private final PageBytes in;
    private final boolean narrow;
    private final int miniblocks;
    private final int miniblockSize;
    private BitReader bits;
    private long left;
    private boolean first = true;
    private long least;
    private int widthsAt;
    private int miniblock;
    private int inMiniblock;
    private int width;

    /**
     * @param narrow whether the numbers have 32 bits, beyond which their sums wrap around
     */
    DeltaNumbers(PageBytes in, boolean narrow) {
        this.in = in;
        this.narrow = narrow;
        long blockSize = in.readVarint();
        long count = in.readVarint();
        left = in.readVarint();
        number = in.readZigZag();
        if (count < 1
                || count > in.array().length
                || blockSize < 1
                || blockSize > Integer.MAX_VALUE
                || blockSize % count != 0
                || blockSize / count % MINIBLOCK_UNIT != 0) {
            throw new DamageException(
                    "a page of differences has blocks of %d in %d parts"
                            .formatted(blockSize, count));
        }
        miniblocks = (int) count;
        miniblockSize = (int) (blockSize / count);
        miniblock = miniblocks;
        bits = new BitReader(in);
    }

    @Override
    void next() {
        if (left <= 0) {
            throw new DamageException("a page has fewer differences than values");
        }
        left--;
        if (first) {
            first = false;
            return;
        }
        if (inMiniblock == 0) {
            beginMiniblock();
        }
        inMiniblock--;
        number += least + bits.read(width);
        if (narrow) {
            int low = (int) number;
            number = low;
        }
    }

    private void beginMiniblock() {
        if (miniblock == miniblocks) {
            beginBlock();
        }
        width = in.array()[widthsAt + miniblock] & 0xff;
        if (width > Long.SIZE) {
            throw new DamageException("a page has differences of %d bits".formatted(width));
        }
        miniblock++;
        inMiniblock = miniblockSize;
        bits.align();
    }

    private void beginBlock() {
        least = in.readZigZag();
        widthsAt = in.take(miniblocks);
        miniblock = 0;
    }

    /** Passes over all the numbers of such a page, to what follows them. */
    static void skip(PageBytes in) {
        DeltaNumbers numbers = new DeltaNumbers(in, false);
        // The first number is in the header.
        for (long rest = numbers.left - 1; rest > 0; rest -= numbers.miniblockSize) {
            numbers.beginMiniblock();
            in.take((long) numbers.width * numbers.miniblockSize / Byte.SIZE);
        }
    }
}
