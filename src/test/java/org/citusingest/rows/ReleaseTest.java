package org.citusingest.rows;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Batches are used and released by other threads than the one that reads. */
final class ReleaseTest {
    private static final int ROWS = 300_000;
    private static final int CONSUMERS = 3;

    private static String url(long row) {
        return row % 7 == 0 ? "a \"" + row + "\", quoted" : "http://example.com/" + row * 31;
    }

    private static String line(long row) {
        return row + ",\"" + url(row).replace("\"", "\"\"") + "\"," + row % 1000 + "\n";
    }

    /** Writes the rows while it is read, so that the source is nowhere in memory as a whole. */
    private static InputStream source() {
        return new InputStream() {
            private byte[] bytes = "id,url,ms\n".getBytes(UTF_8);
            private int at;
            private long row;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                if (at == bytes.length) {
                    if (row == ROWS) {
                        return -1;
                    }
                    bytes = line(++row).getBytes(UTF_8);
                    at = 0;
                }
                int count = Math.min(length, bytes.length - at);
                System.arraycopy(bytes, at, target, offset, count);
                at += count;
                return count;
            }
        };
    }

    @Test
    void memory_that_is_used_again_never_mixes_rows() throws Exception {
        BlockingQueue<Optional<RowBatch>> queue = new ArrayBlockingQueue<>(2);
        ExecutorService consumers = Executors.newFixedThreadPool(CONSUMERS);
        try (DelimitedReader reader =
                new DelimitedReader(source(), DelimitedFormat.builder().batchBytes(4096).build())) {
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < CONSUMERS; i++) {
                counts.add(consumers.submit(() -> consume(queue)));
            }
            while (reader.hasNext()) {
                queue.put(Optional.of(reader.next()));
            }
            for (int i = 0; i < CONSUMERS; i++) {
                queue.put(Optional.empty());
            }
            long rows = 0;
            for (Future<Long> count : counts) {
                rows += count.get();
            }
            assertThat(rows).isEqualTo(ROWS);
        } finally {
            consumers.shutdownNow();
        }
    }

    private static long consume(BlockingQueue<Optional<RowBatch>> queue)
            throws InterruptedException {
        long rows = 0;
        AssertionError wrong = null;
        // A consumer that found a wrong row goes on taking, or the reader would wait for ever.
        for (Optional<RowBatch> next = queue.take(); next.isPresent(); next = queue.take()) {
            try {
                rows += check(next.get());
            } catch (AssertionError e) {
                wrong = e;
            }
            next.get().release();
        }
        if (wrong != null) {
            throw wrong;
        }
        return rows;
    }

    private static int check(RowBatch batch) {
        RowCursor cursor = batch.cursor();
        Field field = new Field();
        while (cursor.next()) {
            long row = cursor.rowNumber();
            assertThat(cursor.read(0, field)).isTrue();
            assertThat(field).hasToString(Long.toString(row));
            assertThat(cursor.read(1, field)).isTrue();
            assertThat(field).hasToString(url(row));
            assertThat(new String(cursor.raw(), UTF_8) + "\n").isEqualTo(line(row));
        }
        return batch.size();
    }
}
