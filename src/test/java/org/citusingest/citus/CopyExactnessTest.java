package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** A table that was loaded equals one that the server filled from the same file by itself. */
class CopyExactnessTest {
    private static final String TYPED =
            "id int, flag bool, small smallint, big bigint, ratio float8, price numeric(12,3), day date,"
                    + " at timestamptz, local timestamp(0), word varchar(8), code char(4), doc jsonb, key uuid";

    /** For each column above but the first: texts that are encoded, and texts for the server. */
    private static final String[][] TEXTS = {
        {"true", "f", "yes ", " ON", "of"},
        {"1", "-32768", " 42", "1_000", "0x7f"},
        {"9223372036854775807", "0", "9_000", " +7 "},
        {"0.1", "-1e300", "NaN", " 1.5", "infinity"},
        {"1.5", "-0.0005", "NaN", "1e3", " 12.5 ", "123456789.0015"},
        {"2024-02-29", "0001-01-01", "Jan 5 2020", "infinity", "20240229", "0044-03-15 BC"},
        {"2024-02-29 12:00:00+02", "2024-02-29 12:00:00", "2024-02-29 12:00 Europe/Rome", "epoch"},
        {"2024-02-29T12:00:00.5", "2024-02-29 24:00:00", "January 8, 1999 04:05:06"},
        {"a", "12345678", "123456   ", "äöüß€", "tab\there"},
        {"ab", "abcd", "ab  ", "\\x41"},
        {"{\"a\": 1}", "[]", " \"x\" ", "1e400"},
        {
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}",
            "a0eebc999c0b4ef8bb6d6bb9bd380a11"
        }
    };

    private static final String UNKNOWN =
            "id int, list int[], host inet, span interval, mood mood, positive positive, nick citext,"
                    + " word text, price numeric";

    private static final String[][] UNKNOWN_TEXTS = {
        {"{1,2,NULL}", "{}", "[0:1]={3,4}"},
        {"10.0.0.1", "::1/64"},
        {"1 day 02:03:04", "P1Y2M", "-00:00:01"},
        {"glad", "sad"},
        {"1", "2147483647", " 7 "},
        {"MiXed", "äÖ"},
        {"a\\b", "back\\N", "tab\there", "line\nend", "\\."},
        {"1.50", "1e3"}
    };

    private final TestDatabase database = TestDatabase.fresh();

    @BeforeEach
    void noZoneOfThisMachine() {
        database.execute(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''UTC''', current_database()); END $$");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 700, 8 << 20})
    void texts_for_the_encoder_and_for_the_server_mixed_in_every_row(int batchBytes)
            throws Exception {
        String file = file(TYPED, TEXTS, batchBytes == 1 ? 60 : 3_000);

        assertLoadsLikeTheServer(TYPED, file, batchBytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 700, 8 << 20})
    void types_that_only_the_server_can_read(int batchBytes) throws Exception {
        database.execute(
                "CREATE TYPE mood AS ENUM ('sad', 'glad')",
                "CREATE DOMAIN positive AS int CHECK (value > 0)",
                "CREATE EXTENSION citext");
        String file = file(UNKNOWN, UNKNOWN_TEXTS, batchBytes == 1 ? 60 : 3_000);

        assertLoadsLikeTheServer(UNKNOWN, file, batchBytes);
    }

    @Test
    void an_empty_field_is_null_and_a_quoted_one_is_empty() throws Exception {
        String columns = "id int, word text, code char(3), other varchar(5)";
        String file = "id,word,code,other\n1,,,\n2,\"\",\"\",\"\"\n,\"\",,\"\"\n";

        assertLoadsLikeTheServer(columns, file, 8 << 20);

        assertThat(database.rows("SELECT word FROM loaded")).containsExactly("null", "", "");
    }

    @Test
    void a_file_of_many_megabytes_goes_by_several_copy_statements() throws Exception {
        String columns = "id int, word text, price numeric(12,3)";
        // A third of the rows go by text COPY: both formats and their changes take part.
        String file =
                IntStream.rangeClosed(1, 300_000)
                        .mapToObj(
                                i ->
                                        "%s%d,some words that take room %d,%d.125\n"
                                                .formatted(i % 3 == 0 ? " " : "", i, i, i))
                        .collect(Collectors.joining("", "id,word,price\n", ""));
        assertThat(file.length()).isGreaterThan(12_000_000);

        assertLoadsLikeTheServer(columns, file, 1 << 20);

        assertThat(database.count("loaded")).isEqualTo(300_000);
    }

    @Test
    void a_table_of_three_hundred_columns() throws Exception {
        String columns =
                IntStream.range(0, 300)
                        .mapToObj(i -> "c" + i + (i % 2 == 0 ? " int" : " text"))
                        .collect(Collectors.joining(", "));
        StringBuilder file =
                new StringBuilder(
                        IntStream.range(0, 300)
                                .mapToObj(i -> "C" + i)
                                .collect(Collectors.joining(",", "", "\n")));
        for (int row = 0; row < 500; row++) {
            int number = row;
            file.append(
                    IntStream.range(0, 300)
                            .mapToObj(i -> (number + i) % 7 == 0 ? "" : "" + number * i)
                            .collect(Collectors.joining(",", "", "\n")));
        }

        assertLoadsLikeTheServer(columns, file.toString(), 50_000);
    }

    private void assertLoadsLikeTheServer(String columns, String file, int batchBytes)
            throws SQLException, IOException {
        database.execute(
                "CREATE TABLE loaded (%s)".formatted(columns),
                "CREATE TABLE whole (LIKE loaded)",
                "CREATE TABLE expected (LIKE loaded)");
        byte[] bytes = file.getBytes(UTF_8);
        long rows;
        try (Connection connection = database.dataSource().getConnection()) {
            rows =
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn(
                                    "COPY expected FROM STDIN (FORMAT csv, HEADER)",
                                    new ByteArrayInputStream(bytes));
        }
        try (TestRoutes routes =
                TestRoutes.of(
                        database,
                        TestRoutes.split(batchBytes, "loaded"),
                        TestRoutes.whole(batchBytes, "whole"))) {
            assertThat(routes.load("direct:split", "file", bytes).rowsCopied()).isEqualTo(rows);
            assertThat(routes.load("direct:whole", "file", bytes).rowsCopied()).isEqualTo(rows);
        }
        for (String table : new String[] {"loaded", "whole"}) {
            assertThat(
                            database.rows(
                                    """
                                    (SELECT t::text FROM %1$s t EXCEPT ALL SELECT t::text FROM expected t)
                                    UNION ALL
                                    (SELECT t::text FROM expected t EXCEPT ALL SELECT t::text FROM %1$s t)
                                    """
                                            .formatted(table)))
                    .as(table)
                    .isEmpty();
        }
    }

    /** Rows whose fields are chosen at random, by a fixed seed, from the texts of their column. */
    private static String file(String columns, String[][] texts, int rows) {
        Random random = new Random(7);
        StringBuilder file = new StringBuilder();
        file.append(columns.replaceAll("\\([^)]*\\)", "").replaceAll(" ?(\\w+) [^,]*", "$1"));
        file.append('\n');
        for (int row = 1; row <= rows; row++) {
            file.append(row);
            for (String[] column : texts) {
                String text = column[random.nextInt(column.length)];
                boolean isNull = random.nextInt(10) == 0;
                file.append(isNull ? "," : ",\"" + text.replace("\"", "\"\"") + "\"");
            }
            file.append('\n');
        }
        return file.toString();
    }
}
