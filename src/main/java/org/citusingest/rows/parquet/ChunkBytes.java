package org.citusingest.rows.parquet;

import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a column chunk from the first to the last, of which a window is in memory: all of
 * them where the row group is small.
 */
final class ChunkBytes extends InputStream {
    private final FileBytes file;
    private final PageMemory memory;
    private final int window;
    private byte[] bytes;
    private int at;
    private int filled;
    private long next;
    private final long end;

    /** A chunk that is read by and by. */
    ChunkBytes(FileBytes file, long from, long end, int window, PageMemory memory) {
        this.file = file;
        this.memory = memory;
        this.window = window;
        this.next = from;
        this.end = end;
        bytes = new byte[(int) Math.min(window, end - from)];
    }

    /** A chunk that has been read, and stands in this array. */
    ChunkBytes(byte[] read, int from, int to) {
        file = null;
        memory = null;
        window = 0;
        bytes = read;
        at = from;
        filled = to;
        end = 0;
    }

    byte[] array() {
        return bytes;
    }

    /** How many bytes are left. */
    long left() {
        return filled - at + (end - next);
    }

    /**
     * Passes over so many bytes and says where they start in the array, which keeps them until the
     * next call.
     */
    int take(int count) throws IOException {
        if (count < 0 || count > left()) {
            throw new DamageException(
                    "a page of %d bytes is to follow where %d are left".formatted(count, left()));
        }
        if (filled - at < count) {
            fill(count);
        }
        int start = at;
        at += count;
        return start;
    }

    private void fill(int count) throws IOException {
        int rest = filled - at;
        if (count > bytes.length) {
            memory.take(count - bytes.length);
            byte[] longer = new byte[count];
            System.arraycopy(bytes, at, longer, 0, rest);
            bytes = longer;
        } else {
            System.arraycopy(bytes, at, bytes, 0, rest);
        }
        at = 0;
        filled = rest;
        int more =
                (int) Math.min(Math.max(count, Math.min(window, bytes.length)) - rest, end - next);
        file.read(next, bytes, filled, more);
        next += more;
        filled += more;
    }

    @Override
    public int read() throws IOException {
        return left() == 0 ? -1 : bytes[take(1)] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        int count = (int) Math.min(length, left());
        if (count == 0 && length > 0) {
            return -1;
        }
        int start = take(count);
        System.arraycopy(bytes, start, to, offset, count);
        return count;
    }
}
