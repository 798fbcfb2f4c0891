package org.citusingest.citus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing byte array in network byte order, in which rows are encoded for COPY. */
final class CopyBuffer {
    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);

    private byte[] bytes;
    private int size;

    CopyBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    byte[] bytes() {
        return bytes;
    }

    /** How many bytes have been put. */
    int size() {
        return size;
    }

    /** Goes back to an earlier {@link #size()}, forgetting what was put since. */
    void rewind(int earlier) {
        size = earlier;
    }

    /** Makes room for that many more bytes. */
    void reserve(int count) {
        if (bytes.length - size < count) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, count), bytes.length * 2));
        }
    }

    void putByte(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
    }

    void putShort(int value) {
        reserve(2);
        SHORT.set(bytes, size, (short) value);
        size += 2;
    }

    void putInt(int value) {
        reserve(4);
        setInt(size, value);
        size += 4;
    }

    /** Overwrites the four bytes at {@code position}, such as a length known only afterwards. */
    void setInt(int position, int value) {
        INT.set(bytes, position, value);
    }

    void putLong(long value) {
        reserve(8);
        LONG.set(bytes, size, value);
        size += 8;
    }

    /**
     * Makes that many bytes part of what has been put, for the caller to fill in {@link #bytes()}.
     *
     * @return where they start
     */
    int extend(int count) {
        reserve(count);
        int start = size;
        size += count;
        return start;
    }

    void put(byte[] source, int start, int length) {
        reserve(length);
        System.arraycopy(source, start, bytes, size, length);
        size += length;
    }

    private static VarHandle view(Class<?> type) {
        return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.BIG_ENDIAN);
    }
}
