package org.citusingest.rows.parquet;

import org.apache.parquet.format.Type;

/** The values that a column chunk names by their index. */
final class Dictionary {
    private final byte[] kept;
    private final long[] numbers;
    private final int[] starts;
    private final int[] ends;

    /** Reads the values of a dictionary's page, which must not change afterwards. */
    Dictionary(PageBytes in, int size, Type type, int length) {
        // Each takes a byte at least, so that no count makes this larger than the page is.
        if (size < 0 || size > in.left()) {
            throw new DamageException(
                    "its dictionary cannot have %d values in %d bytes".formatted(size, in.left()));
        }
        kept = in.array();
        boolean isNumber = isNumber(type);
        numbers = new long[isNumber ? size : 0];
        starts = new int[isNumber ? 0 : size];
        ends = new int[isNumber ? 0 : size];
        Values values = new PlainValues(in, type, length);
        for (int i = 0; i < size; i++) {
            values.next();
            if (isNumber) {
                numbers[i] = values.number;
            } else {
                starts[i] = values.start;
                ends[i] = values.end;
            }
        }
    }

    /** Whether {@link Values#number} holds the values of the type. */
    static boolean isNumber(Type type) {
        return switch (type) {
            case BOOLEAN, INT32, INT64, FLOAT, DOUBLE -> true;
            case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> false;
        };
    }

    /** The values that the indexes of a page name. */
    Values values(PageBytes in) {
        // A page of nothing but NULL may have no bytes at all.
        RunLengths indexes = in.left() == 0 ? null : new RunLengths(in, in.readByte());
        return new Values() {
            @Override
            void next() {
                if (indexes == null) {
                    throw new DamageException("a page has no values where some were to follow");
                }
                int index = indexes.next();
                int size = numbers.length + starts.length;
                if (index < 0 || index >= size) {
                    throw new DamageException(
                            "a page names value %d of a dictionary that has %d"
                                    .formatted(Integer.toUnsignedLong(index), size));
                }
                if (numbers.length > 0) {
                    number = numbers[index];
                } else {
                    point(kept, starts[index], ends[index]);
                }
            }
        };
    }
}
