package org.citusingest.rows.parquet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads the bytes of a page, which nothing is read beyond, from the first to the last. */
final class PageBytes {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int at;

    PageBytes(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.at = start;
        this.end = end;
    }

    byte[] array() {
        return bytes;
    }

    /** How many bytes are left. */
    int left() {
        return end - at;
    }

    /** Passes over so many bytes and says where they start in the array. */
    int take(long count) {
        if (count < 0 || count > end - at) {
            throw new DamageException(
                    "a page has %d bytes where %d were to follow".formatted(end - at, count));
        }
        int start = at;
        at += (int) count;
        return start;
    }

    /** The next bytes, to be read apart from what follows them. */
    PageBytes slice(long count) {
        int start = take(count);
        return new PageBytes(bytes, start, at);
    }

    /** The same bytes once more, from here on. */
    PageBytes copy() {
        return new PageBytes(bytes, at, end);
    }

    int readByte() {
        return bytes[take(1)] & 0xff;
    }

    int readInt() {
        return (int) INT.get(bytes, take(Integer.BYTES));
    }

    long readLong() {
        return (long) LONG.get(bytes, take(Long.BYTES));
    }

    /** An unsigned number in groups of seven bits. */
    long readVarint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int next = readByte();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new DamageException("a number in a page has more than 64 bits");
    }

    /** A signed number whose sign is its last bit. */
    long readZigZag() {
        long value = readVarint();
        return (value >>> 1) ^ -(value & 1);
    }
}
