package org.citusingest.rows.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of pyarrow, see arrow.py beside them, are read as DuckDB reads them. */
class ParquetFilesTest {
    static final Path FILES = Path.of("src/test/resources/parquet");

    private static Duck duck;

    @BeforeAll
    static void open() throws SQLException {
        duck = new Duck();
    }

    @AfterAll
    static void close() throws SQLException {
        duck.close();
    }

    /** DuckDB does not read all the encodings of the first one. */
    @ParameterizedTest
    @ValueSource(strings = {"arrow.parquet", "plain.parquet"})
    void every_encoding_and_a_page_of_version_two(String file) throws Exception {
        Path plain = FILES.resolve("plain.parquet");
        Rows.assertSame(Rows.read(FILES.resolve(file)), duck.read(plain), duck.types(plain));
    }

    @Test
    void some_columns_and_a_field_of_a_group() throws IOException {
        Path file = FILES.resolve("plain.parquet");
        assertThat(
                        Rows.batches(file, Rows.format("structs.b.c", "ints", "structs"))
                                .get(0)
                                .columns())
                .containsExactly("structs.b.c", "ints", "structs");
        assertThat(Rows.read(file, "structs.b.c", "ints", "structs").subList(1, 5))
                .containsExactly(
                        java.util.Arrays.asList(
                                null,
                                "506952113",
                                "{\"a\":1,\"b\":{\"c\":null,\"d\":[{\"e\":1}]}}"),
                        List.of(
                                "\"q\"\n",
                                "-1133579422",
                                "{\"a\":2,\"b\":{\"c\":\"\\\"q\\\"\\u000a\",\"d\":[{\"e\":2},{\"e\":2}]}}"),
                        java.util.Arrays.asList(null, null, null),
                        List.of(
                                "\"q\"\n",
                                "-119675196",
                                "{\"a\":4,\"b\":{\"c\":\"\\\"q\\\"\\u000a\",\"d\":[{\"e\":4}]}}"));
    }

    @Test
    void bytes_are_text_where_they_are_declared_so(@TempDir Path folder) throws Exception {
        Path file = duck.write(folder.resolve("blob.parquet"), "SELECT 'abc'::BLOB AS b");
        ParquetFormat text = new ParquetFormat(List.of("b"), true, 10, 1000, 1 << 20);
        assertThat(Rows.texts(Rows.batches(file, text)).get(0)).containsExactly("abc");
        assertThat(Rows.read(file, "b").get(0)).containsExactly("\\x616263");
    }
}
