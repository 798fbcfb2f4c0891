package org.citusingest.rows.parquet;

import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import org.citusingest.rows.ColumnBatch;

/** Values of a fixed width, by their bits. */
final class NumberVector extends Vector {
    private static final int FIRST_ROWS = 1024;

    private final LeafReader leaf;
    private final ValueType.OfNumber type;
    private long[] numbers = new long[FIRST_ROWS];

    NumberVector(LeafReader leaf, ValueType.OfNumber type) {
        this.leaf = leaf;
        this.type = type;
    }

    @Override
    boolean append(int row) throws IOException {
        if (row == numbers.length) {
            numbers = Arrays.copyOf(numbers, row * 2);
        }
        if (!leaf.advance()) {
            throw new DamageException("it has fewer values than rows");
        }
        boolean there = leaf.hasValue();
        numbers[row] = there ? leaf.value().number : 0;
        return there;
    }

    @Override
    long bytes(int rows) {
        return (long) rows * Long.BYTES;
    }

    @Override
    ColumnBatch.Column cut(int rows, int rest, BitSet nulls) {
        long[] given = numbers;
        numbers = new long[given.length];
        System.arraycopy(given, rows, numbers, 0, rest);
        ValueType.OfNumber as = type;
        return (row, field) -> {
            if (nulls.get(row)) {
                return false;
            }
            as.set(field, given[row]);
            return true;
        };
    }

    @Override
    void requireEnd() throws IOException {
        if (leaf.advance()) {
            throw new DamageException("it has more values than rows");
        }
    }
}
