package org.citusingest.faults;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Hands the body of an HTTP message on, whole, shortened or damaged. */
final class HttpBody {
    private static final int NOWHERE = -1;

    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[64 << 10];
    private long left;
    private long inverted = NOWHERE;

    HttpBody(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
        this.left = Long.MAX_VALUE;
    }

    /** Only so many bytes are handed on; then an EOFException is thrown. */
    HttpBody truncatedTo(long bytes) {
        left = bytes;
        return this;
    }

    /** The bits of this byte are inverted. */
    HttpBody inverting(long at) {
        inverted = at;
        return this;
    }

    /** Hands on a body of this length, or chunks for -1. */
    void pass(long length) throws IOException {
        if (length >= 0) {
            passBytes(length);
            return;
        }
        long size;
        do {
            String line = readLine();
            out.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            size = Long.parseLong(line.replaceFirst(";.*", "").strip(), 16);
            passBytes(size);
            readLine();
            out.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
        } while (size > 0);
    }

    private void passBytes(long length) throws IOException {
        for (long rest = length; rest > 0; ) {
            int read = in.read(buffer, 0, (int) Math.min(rest, buffer.length));
            if (read < 0) {
                throw new EOFException("within a body");
            }
            if (inverted >= 0 && inverted < read) {
                buffer[(int) inverted] ^= (byte) 0xff;
            }
            inverted = Math.max(NOWHERE, inverted - read);
            out.write(buffer, 0, (int) Math.min(read, left));
            left -= read;
            if (left < 0) {
                out.flush();
                throw new EOFException("cut off, as asked for");
            }
            rest -= read;
        }
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("within a chunk");
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }
}
