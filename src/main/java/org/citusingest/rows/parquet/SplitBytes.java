package org.citusingest.rows.parquet;

import org.apache.parquet.format.Type;

/** Values of one width whose first bytes stand together, then their second ones, and so on. */
final class SplitBytes extends Values {
    private final byte[] split;
    private final int from;
    private final int count;
    private final boolean isNumber;
    private final int width;
    private int index;

    SplitBytes(PageBytes in, Type type, int length) {
        width =
                switch (type) {
                    case INT32, FLOAT -> Integer.BYTES;
                    case INT64, DOUBLE -> Long.BYTES;
                    case FIXED_LEN_BYTE_ARRAY -> length;
                    case BOOLEAN, BYTE_ARRAY, INT96 ->
                            throw new DamageException("bytes of %s are split".formatted(type));
                };
        isNumber = Dictionary.isNumber(type);
        split = in.array();
        count = width == 0 ? 0 : in.left() / width;
        from = in.take((long) count * width);
        bytes = new byte[isNumber ? 0 : width];
        end = bytes.length;
    }

    @Override
    void next() {
        if (index == count) {
            throw new DamageException("a page has fewer values than it says");
        }
        number = 0;
        for (int i = 0; i < width; i++) {
            byte next = split[from + i * count + index];
            if (isNumber) {
                number |= (next & 0xffL) << (i * Byte.SIZE);
            } else {
                bytes[i] = next;
            }
        }
        if (width == Integer.BYTES) {
            int low = (int) number;
            number = low;
        }
        index++;
    }
}
