package org.citusingest.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that the programs of their compressions have made, in every way that people call them. */
class CompressionTest {
    private static final int ROWS = 200_000;
    private static final byte[] CSV = csv();

    @TempDir private Path folder;
    private Path file;

    private static byte[] csv() {
        StringBuilder text = new StringBuilder("id,name\n");
        Random random = new Random(7);
        for (int i = 1; i <= ROWS; i++) {
            text.append(i).append(",name ").append(random.nextInt(1000)).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    @BeforeEach
    void write() throws IOException {
        file = Files.write(folder.resolve("rows.csv"), CSV);
    }

    /** What the program makes of the file; skipped where it is not on this machine. */
    private byte[] compressed(String command) throws Exception {
        Path out = folder.resolve("out");
        Process process;
        try {
            process =
                    new ProcessBuilder(command.split(" ", -1))
                            .redirectInput(file.toFile())
                            .redirectOutput(out.toFile())
                            .start();
        } catch (IOException e) {
            Assumptions.abort("There is no program for '" + command + "' on the PATH");
            return new byte[0];
        }
        assertThat(process.waitFor()).isZero();
        return Files.readAllBytes(out);
    }

    private static long read(byte[] bytes) {
        DelimitedReader reader =
                new DelimitedReader(
                        new ByteArrayInputStream(bytes), DelimitedFormat.builder().build());
        long rows = 0;
        long sum = 0;
        Field field = new Field();
        while (reader.hasNext()) {
            RowBatch batch = reader.next();
            rows += batch.size();
            for (RowCursor row = batch.cursor(); row.next(); ) {
                row.read(0, field);
                sum += Long.parseLong(field.toString());
            }
            batch.release();
        }
        assertThat(sum).isEqualTo(rows * (rows + 1) / 2);
        return rows;
    }

    private static byte[] concat(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip -c",
                "gzip -1 -c",
                "zstd -c",
                "zstd -1 --no-check -c",
                "zstd -19 -c",
                "bzip2 -c",
                "bzip2 -1 -c",
                "xz -c",
                "xz -0 --check=sha256 -c",
                "xz -9 --block-size=100000 -c",
                "lz4 -c",
                "lz4 -9 -BD -c",
                "lz4 -B4 --content-size -c"
            })
    void is_read_whole_and_refused_when_damaged_or_cut_off(String command) throws Exception {
        byte[] good = compressed(command);
        assertThat(read(good)).isEqualTo(ROWS);

        for (int length : List.of(good.length / 2, good.length - 1, 20)) {
            assertThatThrownBy(() -> read(Arrays.copyOf(good, length)))
                    .as("the first %d of %d bytes", length, good.length)
                    .isInstanceOf(RowFormatException.class)
                    .hasMessageContaining("is damaged or cut off");
        }
        byte[] garbage = concat(good, new byte[] {'x', 'y', 'z', 'x', 'y', 'z', 'x', 'y'});
        assertThatThrownBy(() -> read(garbage))
                .as("with garbage behind it")
                .isInstanceOf(RowFormatException.class)
                .hasMessageContaining("is damaged or cut off");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip -c", "zstd -c", "bzip2 -c", "xz -c", "lz4 -c"})
    void is_read_in_several_parts_one_after_the_other(String command) throws Exception {
        file = Files.write(folder.resolve("a"), Arrays.copyOf(CSV, CSV.length / 3));
        byte[] first = compressed(command);
        file =
                Files.write(
                        folder.resolve("b"), Arrays.copyOfRange(CSV, CSV.length / 3, CSV.length));

        assertThat(read(concat(first, compressed(command)))).isEqualTo(ROWS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip -c", "zstd -c", "bzip2 -c", "xz -c", "lz4 -c"})
    void one_wrong_byte_is_never_another_row(String command) throws Exception {
        byte[] good = compressed(command);
        Random random = new Random(7);
        for (int round = 0; round < 12; round++) {
            byte[] wrong = good.clone();
            int at = 12 + random.nextInt(good.length - 12);
            wrong[at] ^= (byte) (1 << random.nextInt(8));
            try {
                assertThat(read(wrong)).as("byte %d", at).isEqualTo(ROWS);
            } catch (RowFormatException e) {
                assertThat(e).hasMessageContaining("damaged or cut off");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"xz --lzma2=dict=512MiB -c, memory", "zstd --long=27 -c, Window size"})
    void a_file_that_asks_for_much_memory_is_refused(String command, String reason)
            throws Exception {
        byte[] greedy = compressed(command);

        assertThatThrownBy(() -> read(greedy))
                .isInstanceOf(RowFormatException.class)
                .hasMessageContaining(reason);
    }
}
