package org.citusingest.rows.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowCursor;
import org.citusingest.rows.RowReader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What DuckDB writes is read as DuckDB reads it. */
class ParquetReaderTest {
    private static Duck duck;

    @TempDir Path folder;

    @BeforeAll
    static void open() throws SQLException {
        duck = new Duck();
    }

    @AfterAll
    static void close() throws SQLException {
        duck.close();
    }

    private Path write(String query, String... options) throws SQLException {
        return duck.write(folder.resolve("rows.parquet"), query, options);
    }

    private static void assertReadLikeDuck(Path file) throws SQLException, IOException {
        Rows.assertSame(Rows.read(file), duck.read(file), duck.types(file));
    }

    @ParameterizedTest
    @CsvSource({
        "uncompressed, V1",
        "snappy, V1",
        "gzip, V2",
        "zstd, V2",
        "lz4_raw, V1",
        "brotli, V2"
    })
    void every_type_in_every_compression(String compression, String version) throws Exception {
        assertReadLikeDuck(
                write(
                        Duck.typed(2500),
                        "COMPRESSION " + compression,
                        "PARQUET_VERSION " + version,
                        "ROW_GROUP_SIZE 2048"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DICTIONARY_SIZE_LIMIT 0", "DICTIONARY_SIZE_LIMIT 100000"})
    void with_a_dictionary_and_without(String dictionary) throws Exception {
        assertReadLikeDuck(write(Duck.typed(1500), dictionary));
    }

    @Test
    void what_is_less_than_a_microsecond_is_cut_off_so_that_a_moment_stays_in_its_day()
            throws Exception {
        Path file =
                write(
                        "SELECT TIMESTAMP_NS '1969-12-31 23:59:59.999999999' AS a, TIMESTAMP_NS '2024-12-31 23:59:59.999999999' AS b");
        assertThat(Rows.read(file))
                .containsExactly(
                        List.of("1969-12-31 23:59:59.999999", "2024-12-31 23:59:59.999999"));
    }

    @Test
    void three_hundred_columns() throws Exception {
        String columns =
                IntStream.range(0, 300)
                        .mapToObj(
                                i ->
                                        "CASE WHEN (i + %d) %% 7 > 4 THEN i * %d END AS c%d"
                                                .formatted(i, i, i))
                        .collect(Collectors.joining(", "));
        assertReadLikeDuck(write("SELECT %s FROM range(3000) AS r(i)".formatted(columns)));
    }

    @Test
    void a_file_without_rows_is_one_batch_without_rows() throws Exception {
        Path file = write("SELECT 1 AS a, 'x' AS b WHERE false");

        List<RowBatch> batches = Rows.batches(file, Rows.format());

        assertThat(batches).hasSize(1);
        assertThat(batches.get(0).columns()).containsExactly("a", "b");
        assertThat(batches.get(0).size()).isZero();
        assertThat(batches.get(0).span()).isEqualTo(new RowBatch.Span(0, 1, 1, 1));
    }

    @Test
    void batches_are_of_as_many_rows_as_may_be_and_of_one_row_group() throws Exception {
        Path file = write("SELECT i FROM range(5000) AS r(i)", "ROW_GROUP_SIZE 2048");

        List<RowBatch> batches =
                Rows.batches(file, new ParquetFormat(List.of(), false, 1500, 8 << 20, 1 << 20));

        assertThat(batches.stream().map(RowBatch::size)).containsExactly(1500, 548, 1500, 548, 904);
        assertThat(batches.get(2).span()).isEqualTo(new RowBatch.Span(2, 2049, 2049, 3549));
        assertThat(batches.get(2).timing().to()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 500, 20_000, 1_000_000})
    void batches_hold_as_many_bytes_as_may_be_or_one_row(int batchBytes) throws Exception {
        // Rows of 8 to 4000 bytes, with a few large ones among them.
        Path file =
                write(
                        "SELECT i, repeat('x', CASE WHEN i % 97 = 3 THEN 4000 ELSE i % 13 END) AS word, [i, i] AS list FROM range(3000) AS r(i)");

        List<RowBatch> batches =
                Rows.batches(
                        file, new ParquetFormat(List.of(), false, 50_000, batchBytes, 1 << 20));

        Rows.assertSame(Rows.texts(batches), duck.read(file), duck.types(file));
        for (RowBatch batch : batches) {
            assertThat(batch.size() == 1 || bytes(batch) <= batchBytes)
                    .as("%d rows of %d bytes", batch.size(), bytes(batch))
                    .isTrue();
        }
        if (batchBytes == 1) {
            assertThat(batches).hasSize(3000);
        }
        assertThat(
                        Rows.batches(
                                        file,
                                        new ParquetFormat(
                                                List.of(), false, 50_000, batchBytes, 1 << 20))
                                .stream()
                                .map(RowBatch::span))
                .isEqualTo(batches.stream().map(RowBatch::span).toList());
    }

    private static long bytes(RowBatch batch) {
        return Rows.texts(List.of(batch)).stream().mapToLong(row -> 8 + row.get(1).length()).sum();
    }

    @Test
    void a_row_group_that_is_larger_than_what_is_read_at_once() throws Exception {
        // 90 MB of random numbers and bytes, in one row group.
        Path file =
                write(
                        "SELECT i, hash(i) AS number, repeat(hash(i + 1)::VARCHAR, 4) AS word FROM range(1000000) AS r(i)",
                        "ROW_GROUP_SIZE 1000000",
                        "COMPRESSION uncompressed",
                        "DICTIONARY_SIZE_LIMIT 0");
        assertThat(file.toFile().length()).isGreaterThan(64 << 20);

        long rows = 0;
        long sum = 0;
        try (RowReader reader = new ParquetReader(Rows.source(file), Rows.format(), 0)) {
            Field field = new Field();
            while (reader.hasNext()) {
                for (RowCursor row = reader.next().cursor(); row.next(); rows++) {
                    row.read(0, field);
                    boolean inOrder = field.number() == rows;
                    row.read(1, field);
                    sum += inOrder ? field.length() : 0;
                    row.read(2, field);
                    sum += field.length();
                }
            }
        }
        assertThat(rows).isEqualTo(1_000_000);
        assertThat(List.of(List.of(String.valueOf(sum))))
                .isEqualTo(
                        duck.rows(
                                "SELECT sum(length(number::VARCHAR) + length(word)) FROM read_parquet('%s')"
                                        .formatted(file)));
    }

    @Test
    void a_batch_outlives_those_after_it_and_is_read_by_many_threads() throws Exception {
        Path file = write(Duck.typed(500));
        ParquetFormat small = new ParquetFormat(List.of(), false, 100, 8 << 20, 1 << 20);
        List<RowBatch> batches = Rows.batches(file, small);
        List<List<String>> expected = duck.read(file);

        List<List<List<String>>> all =
                IntStream.range(0, 8).parallel().mapToObj(i -> Rows.texts(batches)).toList();

        for (List<List<String>> each : all) {
            Rows.assertSame(each, expected, duck.types(file));
        }
    }

    @Test
    void a_column_that_is_not_there_is_refused_with_those_that_are() throws Exception {
        Path file = write("SELECT 1 AS a, {'c': 2} AS b");

        assertThat(Rows.read(file, "b.c", "a")).containsExactly(List.of("2", "1"));
        assertThatThrownBy(() -> Rows.read(file, "b.d"))
                .hasMessage(
                        "Parquet, metadata: it has no column 'b.d' that the option 'columns' of the data format names; it has a, b");
    }

    @Test
    void a_reader_that_is_told_to_stop_or_was_closed_gives_no_more() throws Exception {
        Path file = write("SELECT i FROM range(100) AS r(i)");
        ParquetFormat ten = new ParquetFormat(List.of(), false, 10, 1000, 1 << 20);
        try (RowReader reader = new ParquetReader(Rows.source(file), ten, 3)) {
            RowBatch first = reader.next();
            assertThat(first.source()).isEqualTo(3);
            first.stop();
            assertThat(reader.isStopped()).isTrue();
            assertThat(reader.hasNext()).isFalse();
        }
        RowReader closed = new ParquetReader(Rows.source(file), ten, 0);
        closed.next();
        closed.close();
        assertThatThrownBy(closed::hasNext).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void wrong_options_are_refused() {
        List<Runnable> wrong = new ArrayList<>();
        wrong.add(() -> Rows.format("a", ""));
        wrong.add(() -> Rows.format("a", "a"));
        wrong.add(() -> new ParquetFormat(List.of(), false, 0, 1, 1024));
        wrong.add(() -> new ParquetFormat(List.of(), false, 1, 0, 1024));
        wrong.add(() -> new ParquetFormat(List.of(), false, 1, 1, 1023));
        for (Runnable each : wrong) {
            assertThatThrownBy(each::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("The option '");
        }
    }
}
