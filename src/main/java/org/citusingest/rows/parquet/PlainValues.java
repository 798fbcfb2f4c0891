package org.citusingest.rows.parquet;

import org.apache.parquet.format.Type;

/** Values as they are: numbers in little-endian order, byte arrays after their length. */
final class PlainValues extends Values {
    static final int INT96_BYTES = 12;

    private final PageBytes in;
    private final BitReader bits;
    private final Type type;
    private final int length;

    /**
     * @param length how many bytes a value of the type with a fixed length has
     */
    PlainValues(PageBytes in, Type type, int length) {
        this.in = in;
        this.bits = new BitReader(in);
        this.type = type;
        this.length = length;
    }

    @Override
    void next() {
        switch (type) {
            case BOOLEAN -> number = bits.read(1);
            case INT32, FLOAT -> number = in.readInt();
            case INT64, DOUBLE -> number = in.readLong();
            case INT96 -> take(INT96_BYTES);
            case FIXED_LEN_BYTE_ARRAY -> take(length);
            case BYTE_ARRAY -> take(in.readInt());
        }
    }

    private void take(int count) {
        int from = in.take(count);
        point(in.array(), from, from + count);
    }
}
