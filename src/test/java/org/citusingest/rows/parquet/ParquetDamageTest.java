package org.citusingest.rows.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.citusingest.rows.RowFormatException;
import org.citusingest.rows.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that is not what it should be is refused in one line, and harms nobody. */
class ParquetDamageTest {
    private static final Path FILES = ParquetFilesTest.FILES;
    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 100);

    @TempDir Path folder;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("damaged.parquet"), bytes);
    }

    private static void assertRefused(Path file, String message) {
        assertThatThrownBy(() -> Rows.read(file))
                .isInstanceOf(RowFormatException.class)
                .hasMessage(message);
    }

    @Test
    void a_file_that_is_encrypted() throws IOException {
        byte[] bytes = Files.readAllBytes(FILES.resolve("arrow.parquet"));
        bytes[bytes.length - 1] = 'E';
        assertRefused(
                file(bytes),
                "Parquet, metadata: it is encrypted, which is not read; write it without encryption, as the storage encrypts by itself");
    }

    @Test
    void a_page_with_another_checksum_than_it_was_written_with() throws IOException {
        byte[] bytes = Files.readAllBytes(FILES.resolve("arrow.parquet"));
        // The first page of the first column, behind its head.
        bytes[200] ^= 1;
        assertRefused(
                file(bytes),
                "Parquet, row group 1: column 'prefixes': a page has another checksum than it was written with");
    }

    @Test
    void what_is_no_parquet() throws IOException {
        assertRefused(
                file("id,name\n1,x\n2,y\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                "Parquet, metadata: it is no Parquet, or cut off: it has 16 bytes, of which the last four are not PAR1; upload it again, or unmarshal it with another data format");
        assertRefused(
                file(new byte[0]),
                "Parquet, metadata: it is no Parquet, or cut off: it has 0 bytes; upload it again, or unmarshal it with another data format");
    }

    @Test
    void metadata_of_an_absurd_length() throws IOException {
        byte[] bytes = Files.readAllBytes(FILES.resolve("arrow.parquet"));
        Arrays.fill(bytes, bytes.length - 8, bytes.length - 4, (byte) 0x7f);
        assertRefused(
                file(bytes),
                "Parquet, metadata: its metadata cannot have 2139062143 bytes in a file of %d: it is damaged or cut off; upload it again"
                        .formatted(bytes.length));
    }

    @Test
    void pages_that_take_more_memory_than_they_may() throws IOException {
        ParquetFormat tight = new ParquetFormat(List.of(), false, 1000, 1 << 20, 1024);
        assertThatThrownBy(() -> Rows.batches(FILES.resolve("arrow.parquet"), tight))
                .isInstanceOf(RowFormatException.class)
                .hasMessageContaining(
                        "its pages take more than 1024 bytes at a time, which the option 'maxPageBytes' of the data format allows");
    }

    @Test
    void a_compression_that_is_not_read_is_refused_before_any_row() throws Exception {
        Path written = folder.resolve("value.parquet");
        try (Duck duck = new Duck()) {
            duck.write(written, "SELECT 7 AS value", "COMPRESSION uncompressed");
        }
        byte[] bytes = Files.readAllBytes(written);
        // The codec is the fourth field of the column's metadata, as a zigzag number.
        String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
        int at = text.lastIndexOf("\u0018\u0005value\u0015") + "\u0018\u0005value\u0015".length();
        assertThat(bytes[at]).isZero();
        bytes[at] = 3 << 1;
        assertRefused(
                file(bytes),
                "Parquet, row group 1: column 'value': it is compressed by LZO, which is not read; write the file with snappy, zstd, gzip, lz4_raw, brotli or none");
    }

    @Test
    void a_source_that_cannot_be_read_is_no_damage() {
        Source broken =
                () -> {
                    throw new IOException("the disk is gone");
                };
        try (ParquetReader reader = new ParquetReader(broken, Rows.format(), 0)) {
            assertThatThrownBy(reader::hasNext)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("the disk is gone");
            assertThatThrownBy(reader::hasNext).isInstanceOf(UncheckedIOException.class);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"arrow.parquet", "plain.parquet"})
    @Timeout(120)
    void bytes_that_were_changed_or_cut_off(String name) throws IOException {
        byte[] whole = Files.readAllBytes(FILES.resolve(name));
        Random random = new Random(7);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = whole.clone();
            if (round % 10 == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            for (int change = 0; bytes.length > 0 && change < round % 4; change++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            assertReadOrRefused(bytes, round);
        }
    }

    @Test
    @Timeout(120)
    void the_files_of_duckdb_with_bytes_that_were_changed() throws IOException, SQLException {
        byte[] whole;
        try (Duck duck = new Duck()) {
            Path file =
                    duck.write(
                            folder.resolve("rows.parquet"),
                            Duck.typed(100),
                            "COMPRESSION uncompressed",
                            "PARQUET_VERSION V2");
            whole = Files.readAllBytes(file);
        }
        Random random = new Random(7);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = whole.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            assertReadOrRefused(bytes, round);
        }
    }

    private void assertReadOrRefused(byte[] bytes, int round) throws IOException {
        try {
            Rows.read(file(bytes));
        } catch (RowFormatException e) {
            assertThat(e.getMessage())
                    .as("round %d", round)
                    .startsWith("Parquet, ")
                    .doesNotContain("\n");
        }
    }
}
