package org.citusingest.rows.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** The bytes of a file, read in any order; its last ones are kept, as they are read first. */
final class FileBytes {
    /** Holds the metadata of most files, and many a small file in whole. */
    private static final int TAIL = 256 << 10;

    private final SeekableByteChannel channel;
    private final long size;
    private final byte[] tail;
    private long readNanos;

    FileBytes(SeekableByteChannel channel) throws IOException {
        this.channel = channel;
        size = channel.size();
        byte[] last = new byte[(int) Math.min(size, TAIL)];
        readFromChannel(size - last.length, last, 0, last.length);
        tail = last;
    }

    long size() {
        return size;
    }

    /** For how long it has waited for the file since it was asked last. */
    long takeReadNanos() {
        long nanos = readNanos;
        readNanos = 0;
        return nanos;
    }

    /** Reads exactly so many bytes, which the file must have there. */
    void read(long from, byte[] to, int offset, int length) throws IOException {
        if (from < 0 || length > size - from) {
            throw new DamageException(
                    "the bytes %d to %d are not in the file, which has %d"
                            .formatted(from, from + length, size));
        }
        long tailFrom = size - tail.length;
        if (from >= tailFrom) {
            System.arraycopy(tail, (int) (from - tailFrom), to, offset, length);
        } else {
            readFromChannel(from, to, offset, length);
        }
    }

    private void readFromChannel(long from, byte[] to, int offset, int length) throws IOException {
        long began = System.nanoTime();
        ByteBuffer buffer = ByteBuffer.wrap(to, offset, length);
        boolean more = true;
        try {
            channel.position(from);
            while (buffer.hasRemaining() && more) {
                more = channel.read(buffer) >= 0;
            }
        } catch (RuntimeException e) {
            // Whatever it is, it says nothing of the bytes.
            throw new IOException(e);
        }
        if (!more) {
            throw new DamageException(
                    "the file ended at byte %d while it was read"
                            .formatted(from + buffer.position() - offset));
        }
        readNanos += System.nanoTime() - began;
    }
}
