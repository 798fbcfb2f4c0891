package org.citusingest.rows;

import java.io.IOException;
import java.io.InputStream;
import java.util.Random;

/** A slow network: gives a few bytes at a time and never says that more are available. */
public final class DripStream extends InputStream {
    private final byte[] bytes;
    private final Random random;
    private final int most;
    private int at;

    /** Makes a stream that gives up to {@code most} bytes at a time. */
    public DripStream(byte[] bytes, int most, long seed) {
        this.bytes = bytes;
        this.most = most;
        random = new Random(seed);
    }

    @Override
    public int read() throws IOException {
        return at == bytes.length ? -1 : bytes[at++] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == bytes.length) {
            return -1;
        }
        int count = Math.min(Math.min(length, bytes.length - at), 1 + random.nextInt(most));
        System.arraycopy(bytes, at, target, offset, count);
        at += count;
        return count;
    }

    @Override
    public int available() {
        return 0;
    }
}
