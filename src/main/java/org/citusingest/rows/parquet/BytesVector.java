package org.citusingest.rows.parquet;

import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import org.citusingest.rows.ColumnBatch;

/** Values that are bytes, one behind the other in one array. */
final class BytesVector extends Vector {
    private static final int FIRST_ROWS = 1024;
    private static final int LONGEST = Integer.MAX_VALUE - 8;

    private final Cells cells;
    private final ValueType.OfBytes type;
    private byte[] arena = new byte[FIRST_ROWS];
    private int[] ends = new int[FIRST_ROWS];
    private int filled;

    /** Where the values come from. */
    interface Cells {
        /**
         * Appends the value of the next row.
         *
         * @return false when it is NULL
         */
        boolean next(BytesVector to) throws IOException;

        /** Makes sure that there is no row more. */
        void requireEnd() throws IOException;
    }

    BytesVector(Cells cells, ValueType.OfBytes type) {
        this.cells = cells;
        this.type = type;
    }

    /** The values of a leaf that is no list. */
    static BytesVector of(LeafReader leaf, ValueType.OfBytes type) {
        return new BytesVector(
                new Cells() {
                    @Override
                    public boolean next(BytesVector to) throws IOException {
                        if (!leaf.advance()) {
                            throw new DamageException("it has fewer values than rows");
                        }
                        if (!leaf.hasValue()) {
                            return false;
                        }
                        Values value = leaf.value();
                        to.put(value.bytes, value.start, value.end);
                        return true;
                    }

                    @Override
                    public void requireEnd() throws IOException {
                        if (leaf.advance()) {
                            throw new DamageException("it has more values than rows");
                        }
                    }
                },
                type);
    }

    /** Appends to the value of the row. */
    void put(byte[] bytes, int start, int end) {
        reserve(end - start);
        System.arraycopy(bytes, start, arena, filled, end - start);
        filled += end - start;
    }

    /** Appends to the value of the row. */
    void put(int oneByte) {
        reserve(1);
        arena[filled++] = (byte) oneByte;
    }

    private void reserve(int more) {
        if (more > arena.length - filled) {
            if (more > LONGEST - filled) {
                throw new DamageException("its values are longer than 2 GB");
            }
            long twice = 2L * Math.max(filled + more, arena.length);
            arena = Arrays.copyOf(arena, (int) Math.min(twice, LONGEST));
        }
    }

    @Override
    boolean append(int row) throws IOException {
        if (row == ends.length) {
            ends = Arrays.copyOf(ends, row * 2);
        }
        boolean there = cells.next(this);
        ends[row] = filled;
        return there;
    }

    @Override
    long bytes(int rows) {
        return rows == 0 ? 0 : ends[rows - 1] + (long) rows * Integer.BYTES;
    }

    @Override
    ColumnBatch.Column cut(int rows, int rest, BitSet nulls) {
        byte[] given = arena;
        int[] to = ends;
        int used = rows == 0 ? 0 : to[rows - 1];
        filled -= used;
        // As many as the last time: the next rows are likely to be like these.
        arena = new byte[Math.max(filled, used + used / 8 + FIRST_ROWS)];
        ends = new int[to.length];
        System.arraycopy(given, used, arena, 0, filled);
        for (int i = 0; i < rest; i++) {
            ends[i] = to[rows + i] - used;
        }
        ValueType.OfBytes as = type;
        return (row, field) -> {
            if (nulls.get(row)) {
                return false;
            }
            as.set(field, given, row == 0 ? 0 : to[row - 1], to[row]);
            return true;
        };
    }

    @Override
    void requireEnd() throws IOException {
        cells.requireEnd();
    }
}
