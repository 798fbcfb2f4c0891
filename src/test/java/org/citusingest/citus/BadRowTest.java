package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.stream.Stream;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One bad row in the middle of a load of several batches. */
@Timeout(60)
class BadRowTest {
    private static final String HEADER = "id,word,price,day,doc,docb,score\n";
    private static final int BATCH_BYTES = 20_000;
    private static final int ROWS = 3_000;
    private static final int BAD = 1_700;

    private static TestDatabase database;
    private static TestRoutes routes;

    @BeforeAll
    static void start() {
        database = TestDatabase.fresh();
        String columns =
                "id int NOT NULL, word varchar(10), price numeric(6,2), day date, doc json, docb jsonb, score int"
                        + " CONSTRAINT score_in_percent CHECK (score <= 100)";
        database.execute(
                "CREATE TABLE item (%s, PRIMARY KEY (id))".formatted(columns),
                // One type that only the server can read: every row goes by text COPY.
                "CREATE TABLE item_as_text (%s, extra inet, PRIMARY KEY (id))".formatted(columns),
                "INSERT INTO item VALUES (-1, 'before')",
                "INSERT INTO item_as_text VALUES (-1, 'before')");
        String named = "?columns=id,word,price,day,doc,docb,score";
        routes =
                TestRoutes.of(
                        database,
                        TestRoutes.split(BATCH_BYTES, "item"),
                        TestRoutes.whole(BATCH_BYTES, "item_as_text" + named));
    }

    @AfterAll
    static void stop() {
        routes.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badRows")
    void a_bad_row_fails_the_load_and_is_named(
            String fault, String row, String place, String state, String reason) {
        refuse("direct:split", "item", fault, row, place, state, reason);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badRows")
    void a_bad_row_of_a_table_that_takes_text_is_named_too(
            String fault, String row, String place, String state, String reason) {
        refuse("direct:whole", "item_as_text", fault, row, place, state, reason);
    }

    static Stream<Arguments> badRows() {
        return Stream.of(
                bad("bad int", "x1,a,1,2020-01-01,1,1,1", "id, value \"x1\"", "22P02", "integer"),
                bad("int overflow", "3000000000,a,1,,,,1", "id, value \"30000", "22003", "range"),
                bad("long varchar", "%d,abcdefghijk,,,,,", "word", "22001", "too long"),
                bad("numeric overflow", "%d,a,12345.6,,,,", "price", "22003", "overflow"),
                bad("bad date", "%d,a,1,2020-02-30,,,", "day, value \"2020-02-30\"", "22008", ""),
                bad("bad json", "%d,a,1,,{\"a\",,", "doc", "22P02", "type json"),
                bad("bad jsonb", "%d,a,1,,,[1;2],", "docb", "22P02", "type json"),
                bad("NUL byte", "%d,a\0b,1,,,,", "word", "22021", "0x00"),
                bad("not UTF-8", "%d,a\u00e9b,1,,,,", "", "22021", "0xe9"),
                bad("not null", ",a,1,,,,", "id", "23502", "not-null"),
                bad("check", "%d,a,1,,,,101", "", "23514", "score_in_percent"),
                bad("unique", "-1,a,1,,,,", "", "23505", "Key (id)=(-1) already exists"));
    }

    private static Arguments bad(
            String fault, String row, String place, String state, String reason) {
        return Arguments.of(fault, row.replace("%d", "" + BAD), place, state, reason);
    }

    private static void refuse(
            String endpoint,
            String table,
            String fault,
            String row,
            String place,
            String state,
            String reason) {
        String key = fault + " of " + table;

        Exception failure = routes.failure(endpoint, key, file(ROWS, row));

        String column = place.isEmpty() ? "" : ", column " + place;
        assertThat(failure)
                .isInstanceOf(CopyException.class)
                .hasMessageStartingWith("%s row %d%s".formatted(key, BAD, column))
                .hasMessageContaining(": " + state + " ")
                .hasMessageContaining(reason)
                .hasMessageContaining(
                        "Nothing of this load is in \"public\".\"%s\"; correct the row"
                                .formatted(table));
        assertThat(failure.getMessage()).doesNotContain("\n");
        assertThat(database.rows("SELECT id, word FROM " + table)).containsExactly("-1|before");
        assertThat(database.rows(ledger(key))).containsExactly("failed|0|" + failure.getMessage());
        assertThat(routes.connectionsInUse()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct:split", "direct:whole"})
    void a_ragged_row_is_named_with_its_place_in_the_file(String endpoint) {
        byte[] file = file(ROWS, BAD + ",a,1");
        long offset = new String(file, ISO_8859_1).indexOf("\n" + BAD + ",") + 1L;

        Exception failure = routes.failure(endpoint, "ragged " + endpoint, file);

        assertThat(failure)
                .hasMessageStartingWith(
                        "ragged %s row %d, byte %d: ".formatted(endpoint, BAD, offset))
                .hasMessageContaining("it has 3 fields, 7 are expected");
        assertThat(database.count("item")).isOne();
        assertThat(database.rows(ledger("ragged " + endpoint)))
                .containsExactly("failed|0|" + failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct:split", "direct:whole"})
    void of_many_bad_batches_a_real_cause_is_told_each_time(String endpoint) {
        StringBuilder rows = new StringBuilder(HEADER);
        for (int i = 1; i <= 4_000; i++) {
            rows.append(i % 10 == 0 ? "bad" : i).append(",a,1,,,,\n");
        }
        byte[] file = rows.toString().getBytes(UTF_8);
        for (int i = 0; i < 20; i++) {
            assertThat(routes.failure(endpoint, "many " + i, file))
                    .isInstanceOf(CopyException.class)
                    .hasMessageMatching("many \\d+ row \\d*0, column id, value \"bad\": 22P02 .*");
        }
        assertThat(routes.connectionsInUse()).isZero();
    }

    @Test
    void a_value_the_encoder_leaves_to_the_server_is_named_by_its_row_in_the_file() {
        // Every third row goes by text COPY, after the others: line and row differ.
        StringBuilder rows = new StringBuilder(HEADER);
        for (int i = 1; i <= ROWS; i++) {
            rows.append(i == BAD ? "1 700" : i % 3 == 0 ? " " + i : "" + i).append(",a,1,,,,\n");
        }
        assertThat(routes.failure("direct:split", "mixed", rows.toString()))
                .hasMessageStartingWith("mixed row 1700, column id, value \"1 700\": 22P02");
    }

    private static String ledger(String key) {
        return "SELECT state, rows_copied, error FROM citus_ingest.load WHERE blob = '%s'"
                .formatted(key);
    }

    /** Good rows, and the one row in place of the one with its number, in ISO 8859-1. */
    private static byte[] file(int rows, String bad) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(HEADER.getBytes(UTF_8));
        for (int i = 1; i <= rows; i++) {
            String row =
                    i == BAD
                            ? bad
                            : "%d,w%d,%d.5,2024-01-%02d,\"{\"\"n\"\":%d}\",[%d],%d"
                                    .formatted(i, i, i % 1000, i % 28 + 1, i, i, i % 100);
            file.writeBytes((row + "\n").getBytes(ISO_8859_1));
        }
        return file.toByteArray();
    }
}
