package org.citusingest.blobs;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;

/**
 * The bytes of a blob, whose next ranges are downloaded while one is read.
 *
 * <p>It holds at most as many buffers as it reads ahead, and the one that is read; each is used for
 * one range after the other. What a download fails with is thrown where its bytes would be read.
 * For one thread at a time.
 */
final class ReadAheadStream extends InputStream {
    // Azurite reads a range of up to 4 MiB twice, for a digest that nobody asked it for.
    static final int RANGE_BYTES = 8 << 20;

    private static final RangeBuffer NONE = new RangeBuffer(0);

    private final long end;
    private final Download download;
    private final Executor threads;
    private final Deque<Range> asked = new ArrayDeque<>();
    private long askedTo;
    private RangeBuffer current = NONE;
    private int position;
    private boolean closed;

    /** Downloads a range of the blob. */
    @FunctionalInterface
    interface Download {
        /** Fills the buffer with its range. */
        void fill(RangeBuffer range) throws IOException;
    }

    private record Range(RangeBuffer buffer, FutureTask<Void> download) {}

    /**
     * Starts to download.
     *
     * @param from the first byte of the blob that is wanted
     * @param end the byte after the last one
     * @param ahead how many ranges are downloaded while one is read; with 0 the reader does it
     */
    ReadAheadStream(long from, long end, int ahead, Executor threads, Download download) {
        this.askedTo = from;
        this.end = end;
        this.download = download;
        this.threads = ahead == 0 ? Runnable::run : threads;
        while (asked.size() <= ahead && askedTo < end) {
            ask(new RangeBuffer(nextLength()));
        }
    }

    private int nextLength() {
        return (int) Math.min(RANGE_BYTES, end - askedTo);
    }

    private void ask(RangeBuffer buffer) {
        buffer.begin(askedTo, nextLength());
        askedTo += buffer.length();
        FutureTask<Void> task =
                new FutureTask<>(
                        () -> {
                            download.fill(buffer);
                            return null;
                        });
        asked.add(new Range(buffer, task));
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            // The threads have been stopped: whoever comes to read this range is told.
            task.cancel(false);
        }
    }

    @Override
    public int read() throws IOException {
        return available() > 0 || advance() ? current.bytes[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, to.length);
        if (length == 0) {
            return 0;
        }
        if (available() == 0 && !advance()) {
            return -1;
        }
        int count = Math.min(length, available());
        System.arraycopy(current.bytes, position, to, offset, count);
        position += count;
        return count;
    }

    @Override
    public int available() {
        return current.length() - position;
    }

    /** Goes on to the next range, and gives the buffer of the one before to another. */
    private boolean advance() throws IOException {
        if (closed) {
            throw new IOException("The blob is read after its stream was closed");
        }
        RangeBuffer read = current;
        current = NONE;
        position = 0;
        if (read != NONE && askedTo < end) {
            ask(read);
        }
        Range next = asked.peek();
        if (next == null) {
            return false;
        }
        await(next.download());
        // Only now: a range that failed must not be passed over by another read.
        asked.remove();
        current = next.buffer();
        return true;
    }

    private static void await(FutureTask<Void> download) throws IOException {
        if (download.isCancelled()) {
            throw new IOException("The blob is not read on: its route is being stopped");
        }
        try {
            download.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a blob was read");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IOException(e.getCause());
        }
    }

    /** Breaks off what is being downloaded, and waits for none of it. */
    @Override
    public void close() {
        closed = true;
        asked.forEach(range -> range.download().cancel(true));
        asked.clear();
        current = NONE;
        position = 0;
    }
}
