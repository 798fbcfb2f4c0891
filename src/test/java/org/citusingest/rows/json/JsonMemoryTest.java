package org.citusingest.rows.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowFormatException;
import org.citusingest.rows.RowReader;
import org.junit.jupiter.api.Test;

/** Memory does not grow with the source, whatever it is. */
final class JsonMemoryTest {
    private static final int BATCH = 1 << 20;
    private static final long MUCH = 160L << 20;

    private static JsonFormat small(JsonFormat format) {
        return format.withLimits(format.limits().withBatchBytes(BATCH));
    }

    /** Reads to the end, and gives the number of rows. */
    private static long read(JsonFormat format, InputStream source) {
        long rows = 0;
        RowReader reader = JsonReader.factory(small(format), 2).read(() -> source, 0);
        while (reader.hasNext()) {
            RowBatch batch = reader.next();
            rows += batch.size();
            batch.release();
        }
        return rows;
    }

    /** A start, and the same part again and again. */
    private static InputStream repeated(String start, int count, String part) {
        byte[] bytes = part.getBytes(UTF_8);
        List<InputStream> parts = new ArrayList<>();
        parts.add(new ByteArrayInputStream(start.getBytes(UTF_8)));
        for (int i = 0; i < count; i++) {
            parts.add(new ByteArrayInputStream(bytes));
        }
        return new SequenceInputStream(Collections.enumeration(parts));
    }

    private static void assertLittleMemory(Runnable reading) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        reading.run();
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MUCH);
    }

    private static byte[] gzip(String start, String part, int megabytes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(start.getBytes(UTF_8));
            byte[] many = part.repeat((1 << 20) / part.length()).getBytes(UTF_8);
            for (int i = 0; i < megabytes; i++) {
                gzip.write(many);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    @Test
    void what_expands_too_much_is_refused_without_memory_for_it() {
        byte[] lines = gzip("", "{\"a\":1}\n", 300);
        byte[] document = gzip("[{}", ",{\"a\":1}", 300);
        assertLittleMemory(
                () -> {
                    assertThatThrownBy(
                                    () ->
                                            read(
                                                    JsonFormat.ofLines(),
                                                    new ByteArrayInputStream(lines)))
                            .isInstanceOf(RowFormatException.class)
                            .hasMessageContaining("'maxExpansion'");
                    assertThatThrownBy(
                                    () ->
                                            read(
                                                    JsonFormat.ofDocument(),
                                                    new ByteArrayInputStream(document)))
                            .isInstanceOf(RowFormatException.class)
                            .hasMessageContaining("'maxExpansion'");
                });
    }

    @Test
    void a_record_that_never_ends_is_refused_at_the_limit() {
        for (String start : new String[] {"{\"a\":\"", "{\"a\":[1", "[[[[", "\"", "{\"a\":1,\"b"}) {
            String more = start.endsWith("1") ? ",1" : "x";
            byte[] endless = gzip(start, more, 20);
            assertLittleMemory(
                    () -> {
                        assertThatThrownBy(
                                        () ->
                                                read(
                                                        JsonFormat.ofLines(),
                                                        new ByteArrayInputStream(endless)))
                                .isInstanceOf(RowFormatException.class)
                                .hasMessageStartingWith("row 1, byte 0: the row is longer than");
                        assertThatThrownBy(
                                        () ->
                                                read(
                                                        JsonFormat.ofDocument(),
                                                        new ByteArrayInputStream(endless)))
                                .isInstanceOf(RowFormatException.class)
                                .hasMessageStartingWith("row 1, byte ");
                    });
        }
    }

    @Test
    void a_long_source_of_malformed_lines_and_blank_ones_takes_no_more_memory_than_a_batch() {
        String lines = ("x\n{\"a\":1,\n\n" + " ".repeat(50) + "\r\n").repeat(5_000);
        assertLittleMemory(
                () ->
                        assertThat(read(JsonFormat.ofLines(), repeated("{\"a\":1}\n", 500, lines)))
                                .isEqualTo(1 + 500 * 10_000));
    }
}
