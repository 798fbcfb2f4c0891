package org.citusingest.blobs;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/**
 * The bytes of a blob in any order. Each read is a download of exactly what it asks for, so let it
 * ask for much.
 */
final class BlobChannel implements SeekableByteChannel {
    private final long size;
    private final Ranges ranges;
    private long position;
    private boolean closed;

    /** Opens ranges of the blob. */
    @FunctionalInterface
    interface Ranges {
        /** The bytes from one, inclusive, to another, exclusive. */
        InputStream open(long from, long end) throws IOException;
    }

    BlobChannel(long size, Ranges ranges) {
        this.size = size;
        this.ranges = ranges;
    }

    /** Fills the buffer, unless the blob ends before it is full. */
    @Override
    public int read(ByteBuffer to) throws IOException {
        requireOpen();
        int count = (int) Math.min(to.remaining(), size - position);
        if (count <= 0) {
            return to.hasRemaining() ? -1 : 0;
        }
        if (!to.hasArray()) {
            byte[] bytes = new byte[count];
            read(bytes, 0, count);
            to.put(bytes);
        } else {
            read(to.array(), to.arrayOffset() + to.position(), count);
            to.position(to.position() + count);
        }
        position += count;
        return count;
    }

    private void read(byte[] to, int offset, int count) throws IOException {
        try (InputStream in = ranges.open(position, position + count)) {
            int got = in.readNBytes(to, offset, count);
            if (got < count) {
                throw new EOFException(
                        "the storage gave %d of %d bytes from byte %d on"
                                .formatted(got, count, position));
            }
        }
    }

    @Override
    public long position() throws IOException {
        requireOpen();
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws IOException {
        requireOpen();
        if (newPosition < 0) {
            throw new IllegalArgumentException("There is no position " + newPosition);
        }
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        requireOpen();
        return size;
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public int write(ByteBuffer from) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long newSize) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
