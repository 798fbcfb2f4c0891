package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** A source of lines that are made while they are read, and which knows how many were. */
final class RowStream extends InputStream {
    private final LongFunction<String> row;
    private final long rows;
    private byte[] line;
    private int at;
    private final AtomicLong made = new AtomicLong();
    private volatile boolean closed;

    /**
     * Makes a source.
     *
     * @param header the first line
     * @param rows how many lines follow it
     * @param row makes the line with this number, counted from 1
     */
    RowStream(String header, long rows, LongFunction<String> row) {
        this.rows = rows;
        this.row = row;
        this.line = (header + "\n").getBytes(UTF_8);
    }

    /** How many rows have been read, or begun. */
    long rowsRead() {
        return made.get();
    }

    boolean closed() {
        return closed;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
        if (at == line.length) {
            if (made.get() == rows) {
                return -1;
            }
            line = (row.apply(made.incrementAndGet()) + "\n").getBytes(UTF_8);
            at = 0;
        }
        int count = Math.min(length, line.length - at);
        System.arraycopy(line, at, bytes, offset, count);
        at += count;
        return count;
    }

    @Override
    public void close() {
        closed = true;
    }
}
