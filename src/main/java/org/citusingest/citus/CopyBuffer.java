package org.citusingest.citus;

import java.util.Arrays;

/** A growing byte array in network byte order, in which rows are encoded for COPY. */
final class CopyBuffer {
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
        bytes[size] = (byte) (value >> 8);
        bytes[size + 1] = (byte) value;
        size += 2;
    }

    void putInt(int value) {
        reserve(4);
        setInt(size, value);
        size += 4;
    }

    /** Overwrites the four bytes at {@code position}, such as a length known only afterwards. */
    void setInt(int position, int value) {
        bytes[position] = (byte) (value >> 24);
        bytes[position + 1] = (byte) (value >> 16);
        bytes[position + 2] = (byte) (value >> 8);
        bytes[position + 3] = (byte) value;
    }

    void putLong(long value) {
        putInt((int) (value >> 32));
        putInt((int) value);
    }

    void put(byte[] source, int start, int length) {
        reserve(length);
        System.arraycopy(source, start, bytes, size, length);
        size += length;
    }
}
