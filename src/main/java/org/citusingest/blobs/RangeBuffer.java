package org.citusingest.blobs;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A range of a blob, and the buffer it is downloaded into: exactly the bytes that were asked for.
 */
final class RangeBuffer extends OutputStream {
    final byte[] bytes;
    private long from;
    private int length;
    private int filled;

    RangeBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    /** Makes it empty, for another range. */
    void begin(long from, int length) {
        this.from = from;
        this.length = length;
        filled = 0;
    }

    /** Where the range begins in the blob. */
    long from() {
        return from;
    }

    /** How many bytes the range has. */
    int length() {
        return length;
    }

    @Override
    public void write(int oneByte) throws IOException {
        write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int count) throws IOException {
        if (count > length - filled) {
            throw wrong("more than the");
        }
        System.arraycopy(source, offset, bytes, filled, count);
        filled += count;
    }

    /** Makes sure that the whole range is there. */
    void requireFull() throws IOException {
        if (filled < length) {
            throw wrong(filled + " of the");
        }
    }

    private IOException wrong(String came) {
        return new IOException(
                "The storage sent %s %d bytes from %d on that were asked for, so the blob cannot be read: try again"
                        .formatted(came, length, from));
    }
}
