package org.citusingest.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Small files that become large ones. */
class ExpansionTest {
    private static final int BATCH = 1 << 20;
    private static final byte[] ROWS = rows(1 << 20);

    private static byte[] rows(int bytes) {
        byte[] rows = new byte[bytes];
        Arrays.fill(rows, (byte) '0');
        for (int i = 63; i < bytes; i += 64) {
            rows[i] = '\n';
        }
        return rows;
    }

    /** A header, and so many MiB of equal rows. */
    private static byte[] gzip(int megabytes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write("id\n".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < megabytes; i++) {
                gzip.write(ROWS);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static long read(byte[] source, DelimitedFormat.Builder format) {
        long rows = 0;
        DelimitedReader reader =
                new DelimitedReader(
                        new ByteArrayInputStream(source), format.batchBytes(BATCH).build());
        while (reader.hasNext()) {
            RowBatch batch = reader.next();
            rows += batch.size();
            batch.release();
        }
        return rows;
    }

    @Test
    void what_expands_too_much_is_refused_without_memory_for_it() {
        byte[] bomb = gzip(400);
        assertThat(bomb.length).isLessThan(2 << 20);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        assertThatThrownBy(() -> read(bomb, DelimitedFormat.builder()))
                .isInstanceOf(RowFormatException.class)
                .hasMessageMatching(
                        "\\d+ bytes of gzip became 2[67]\\d{7}, more than the option 'maxExpansion' of the data"
                                + " format allows, which is 200; if the file is meant to be so, raise it");
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64L << 20);
    }

    @Test
    void what_is_meant_to_expand_so_much_is_read_where_the_option_allows_it() {
        assertThat(read(gzip(260), DelimitedFormat.builder().maxExpansion(2000)))
                .isEqualTo(260L * ROWS.length / 64);
    }

    @Test
    void what_is_not_large_may_expand_as_it_likes() {
        assertThat(read(gzip(20), DelimitedFormat.builder().maxExpansion(1)))
                .isEqualTo(20L * ROWS.length / 64);
    }

    @Test
    void the_content_of_a_compressed_source_has_a_largest_size() {
        assertThatThrownBy(
                        () ->
                                read(
                                        gzip(3),
                                        DelimitedFormat.builder().maxDecompressedBytes(2 << 20)))
                .isInstanceOf(RowFormatException.class)
                .hasMessageContaining("the option 'maxDecompressedBytes'")
                .hasMessageContaining("which is 2097152");
        assertThat(read(ROWS, DelimitedFormat.builder().header(false).maxDecompressedBytes(10)))
                .as("not compressed")
                .isEqualTo(ROWS.length / 64);
    }

    @Test
    void limits_below_one_are_refused() {
        assertThatThrownBy(() -> DelimitedFormat.builder().maxExpansion(0).build())
                .hasMessage("The option 'maxExpansion' is '0', but it must be 1 or more");
        assertThatThrownBy(() -> DelimitedFormat.builder().maxDecompressedBytes(0).build())
                .hasMessage("The option 'maxDecompressedBytes' is '0', but it must be 1 or more");
    }
}
