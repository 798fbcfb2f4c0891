package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.citusingest.TestDatabase;
import org.citusingest.ledger.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads with bad rows among the good ones: each bad one is told, each good one is in the table. */
@Timeout(120)
class RejectedRowsTest {
    private static final String HEADER = "id,word,price,day,doc,score,site\n";
    private static final int BATCH_BYTES = 20_000;
    private static final int ROWS = 3_000;

    private TestDatabase database;
    private TestRoutes routes;

    @BeforeEach
    void createTables() {
        database = TestDatabase.fresh();
        String columns =
                "id int PRIMARY KEY, word varchar(10) NOT NULL, price numeric(6,2), day date, doc jsonb,"
                        + " score int CONSTRAINT score_in_percent CHECK (score <= 100),"
                        + " site int REFERENCES site, _load_id bigint";
        database.execute(
                "CREATE TABLE site (id int PRIMARY KEY)",
                "INSERT INTO site VALUES (1)",
                "CREATE TABLE item (" + columns + ")",
                // One type that only the server can read: every row goes by text COPY.
                "CREATE TABLE item_as_text (" + columns + ", extra inet)",
                "INSERT INTO item VALUES (-1, 'before')",
                "INSERT INTO item_as_text VALUES (-1, 'before')");
    }

    @AfterEach
    void stop() {
        assertThat(routes.connectionsInUse()).isZero();
        routes.close();
    }

    private void start(String table, String options) {
        String named = "?columns=id,word,price,day,doc,score,site&" + options;
        routes =
                TestRoutes.of(
                        database,
                        TestRoutes.split(BATCH_BYTES, table + named),
                        TestRoutes.whole(BATCH_BYTES, table + named));
    }

    /** A kind of bad row: its text, and what is to be told of it. */
    private record Bad(String row, String column, String state, String reason) {}

    private static final List<Bad> KINDS =
            List.of(
                    new Bad("x%d,a,1,2020-01-01,1,1,1", "id", "22P02", "type integer"),
                    new Bad("3%09d,a,1,,,,1", "id", "22003", "out of range"),
                    new Bad("%d,abcdefghijk,,,,,", "word", "22001", "too long"),
                    new Bad("%d,,,,,,", "word", "23502", "not-null"),
                    new Bad("%d,a,12345.6,,,,", "price", "22003", "overflow"),
                    new Bad("%d,a,1,2020-02-30,,,", "day", "22008", "out of range"),
                    new Bad("%d,a,1,,[1;2],,", "doc", "22P02", "type json"),
                    new Bad("%d,a\0b,1,,,,", "word", "22021", "0x00"),
                    new Bad("%d,a\u00e9b,1,,,,", "word", "22021", "0xe9"),
                    new Bad("%d,a,1", "null", "22P04", "3 fields, 7 are expected"),
                    new Bad("%d,a,1,,,,,,", "null", "22P04", "9 fields, 7 are expected"),
                    new Bad("%d,a,1,,,101,", "null", "23514", "score_in_percent"),
                    new Bad("-1,a,1,,,,", "null", "23505", "Key (id)=(-1) already exists"),
                    new Bad("%d,a,1,,,,99", "null", "23503", "(site)=(99) is not present"));

    static Stream<Arguments> waysIn() {
        return Stream.of("direct:split", "direct:whole")
                .flatMap(
                        endpoint ->
                                Stream.of("item", "item_as_text")
                                        .flatMap(
                                                table ->
                                                        Stream.of("load", "batch")
                                                                .map(
                                                                        publish ->
                                                                                Arguments.of(
                                                                                        endpoint,
                                                                                        table,
                                                                                        publish))));
    }

    @ParameterizedTest
    @MethodSource("waysIn")
    void each_bad_row_is_told_with_its_place_and_every_other_row_is_loaded(
            String endpoint, String table, String publish) {
        start(table, "maxRejects=100&publish=" + publish);
        Map<Integer, Bad> bad = new TreeMap<>();
        for (int i = 0; i < KINDS.size(); i++) {
            bad.put(100 + i * 200, KINDS.get(i));
        }
        File file = file(ROWS, bad);

        LoadTotals totals = routes.load(endpoint, "k", file.bytes());

        assertThat(totals.rowsCopied()).isEqualTo(ROWS - bad.size());
        assertThat(totals.rowsRejected()).isEqualTo(bad.size());
        assertThat(database.rows("SELECT id FROM " + table + " WHERE id > 0 ORDER BY id"))
                .containsExactlyElementsOf(file.goodIds(bad));
        List<String> told =
                database.rows(
                        "SELECT row_number, byte_offset, encode(raw, 'hex'), column_name, sqlstate"
                                + " FROM citus_ingest.reject WHERE published ORDER BY row_number");
        assertThat(told).containsExactlyElementsOf(file.expected(bad));
        List<String> reasons =
                database.rows("SELECT reason FROM citus_ingest.reject ORDER BY row_number");
        for (int i = 0; i < KINDS.size(); i++) {
            assertThat(reasons.get(i)).contains(KINDS.get(i).reason());
        }
        assertThat(database.rows("SELECT state, rows_copied, rows_rejected FROM citus_ingest.load"))
                .containsExactly("loaded|%d|%d".formatted(ROWS - bad.size(), bad.size()));
        assertThat(
                        database.rows(
                                "SELECT sum(rows_copied), sum(rows_rejected), min(range_from), max(range_to)"
                                        + " FROM citus_ingest.batch"))
                .containsExactly(
                        "%d|%d|0|%d".formatted(ROWS - bad.size(), bad.size(), file.bytes().length));
    }

    @ParameterizedTest
    @ValueSource(strings = {"9", "0.3%", "0"})
    void one_more_than_the_limit_fails_the_load_and_its_rejected_rows_stay_readable(String limit) {
        start("item", "maxRejects=" + limit.replace("%", "%25"));
        int allowed = limit.equals("0") ? 0 : 9;
        Map<Integer, Bad> tooMany = typeErrors(allowed + 1);

        Exception failure = routes.failure("direct:split", "many", file(ROWS, tooMany).bytes());

        assertThat(failure)
                .isInstanceOf(CopyException.class)
                .hasMessageStartingWith("many")
                .hasMessageMatching(
                        ".* row (\\d*0), column id, value \"x\\1\": 22P02 invalid input.*")
                .hasMessageContaining("Nothing of this load is in public.item");
        assertThat(Failure.isPermanent(failure)).isTrue();
        assertThat(database.count("item WHERE id > 0")).isZero();
        assertThat(database.count("citus_ingest.batch")).isZero();
        assertThat(
                        database.rows(
                                "SELECT DISTINCT published, blob, sqlstate FROM citus_ingest.reject"))
                .containsExactly("f|many|22P02");
        assertThat(database.count("citus_ingest.reject")).isEqualTo(allowed + 1);
        assertThat(database.rows("SELECT state FROM citus_ingest.load")).containsExactly("failed");

        LoadTotals totals =
                routes.load("direct:split", "some", file(ROWS, typeErrors(allowed)).bytes());
        assertThat(totals.rowsRejected()).isEqualTo(allowed);
        assertThat(database.count("item WHERE id > 0")).isEqualTo(ROWS - allowed);
    }

    @Test
    void a_load_that_is_sent_again_forgets_what_its_failed_attempt_rejected() {
        start("item", "maxRejects=5");
        routes.failure("direct:whole", "k", file(ROWS, typeErrors(6)).bytes());

        routes.load("direct:whole", "k", file(ROWS, typeErrors(2)).bytes());

        assertThat(database.rows("SELECT row_number, published FROM citus_ingest.reject"))
                .containsExactlyInAnyOrder("50|t", "100|t");
    }

    @Test
    void a_file_of_bad_rows_only_is_rejected_as_a_whole() {
        start("item", "maxRejects=100%25");
        Map<Integer, Bad> all = new TreeMap<>();
        for (int i = 1; i <= 500; i++) {
            all.put(i, KINDS.get(i % 12));
        }

        LoadTotals totals = routes.load("direct:split", "k", file(500, all).bytes());

        assertThat(totals).isEqualTo(new LoadTotals(totals.loadId(), 0, 500, false));
        assertThat(database.count("item WHERE id > 0")).isZero();
        assertThat(database.count("citus_ingest.reject")).isEqualTo(500);
    }

    @Test
    void of_two_rows_with_one_key_the_first_is_loaded() {
        routes =
                TestRoutes.of(
                        database, TestRoutes.whole(1 << 20, "item?columns=id,word&maxRejects=100"));
        StringBuilder rows = new StringBuilder("id,word\n");
        for (int i = 1; i <= 2_000; i++) {
            rows.append(i > 1_000 && i % 100 == 0 ? i - 1_000 : i).append(",w%d\n".formatted(i));
        }

        routes.load("direct:whole", "k", rows.toString());

        assertThat(database.rows("SELECT word FROM item WHERE id <= 1000 AND id % 100 = 0"))
                .containsExactlyInAnyOrder(
                        "w100", "w200", "w300", "w400", "w500", "w600", "w700", "w800", "w900",
                        "w1000");
        assertThat(
                        database.rows(
                                "SELECT row_number, sqlstate FROM citus_ingest.reject ORDER BY 1 LIMIT 2"))
                .containsExactly("1100|23505", "1200|23505");
    }

    @Test
    void a_constraint_that_waits_for_the_commit_refuses_its_row_all_the_same() {
        database.execute(
                "CREATE TABLE late (id int UNIQUE DEFERRABLE INITIALLY DEFERRED, word text)");
        routes = TestRoutes.of(database, TestRoutes.whole(BATCH_BYTES, "late?maxRejects=10"));

        routes.load("direct:whole", "k", "id,word\n1,a\n2,b\n1,c\n3,d\n");

        assertThat(database.rows("SELECT word FROM late ORDER BY id"))
                .containsExactly("a", "b", "d");
        assertThat(database.rows("SELECT row_number, sqlstate FROM citus_ingest.reject"))
                .containsExactly("3|23505");
    }

    @Test
    void a_trigger_that_fills_a_null_is_asked() {
        database.execute(
                "CREATE TABLE filled (id int NOT NULL, word text NOT NULL)",
                """
                CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF NEW.id = 3 THEN RAISE EXCEPTION 'no three'; END IF;
                    NEW.word := coalesce(NEW.word, 'filled');
                    RETURN NEW;
                END $$
                """,
                "CREATE TRIGGER fill BEFORE INSERT ON filled FOR EACH ROW EXECUTE FUNCTION fill()");
        routes = TestRoutes.of(database, TestRoutes.whole(BATCH_BYTES, "filled?maxRejects=10"));

        routes.load("direct:whole", "k", "id,word\n1,a\n2,\n3,c\n4,\n");

        assertThat(database.rows("SELECT id, word FROM filled ORDER BY id"))
                .containsExactly("1|a", "2|filled", "4|filled");
        assertThat(database.rows("SELECT row_number, sqlstate, reason FROM citus_ingest.reject"))
                .containsExactly("3|P0001|no three");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void random_bad_rows_leave_what_single_inserts_would_leave(long seed) {
        Random random = new Random(seed);
        start("item", "maxRejects=100%25&publish=" + (random.nextBoolean() ? "load" : "batch"));
        Map<Integer, Bad> bad = new TreeMap<>();
        int share = 1 + random.nextInt(30);
        for (int i = 2; i <= ROWS; i++) {
            if (random.nextInt(100) < share) {
                bad.put(i, KINDS.get(random.nextInt(KINDS.size())));
            }
        }
        File file = file(ROWS, bad);

        routes.load("direct:split", "seed " + seed, file.bytes());

        assertThat(database.rows("SELECT id FROM item WHERE id > 0 ORDER BY id"))
                .containsExactlyElementsOf(file.goodIds(bad));
        assertThat(
                        database.rows(
                                "SELECT row_number, byte_offset, encode(raw, 'hex'), column_name, sqlstate"
                                        + " FROM citus_ingest.reject ORDER BY row_number"))
                .containsExactlyElementsOf(file.expected(bad));
    }

    private static Map<Integer, Bad> typeErrors(int count) {
        Map<Integer, Bad> bad = new TreeMap<>();
        for (int i = 1; i <= count; i++) {
            bad.put(i * 50, KINDS.get(0));
        }
        return bad;
    }

    /** A file and where each of its rows begins. */
    @SuppressWarnings("ArrayRecordComponent")
    private record File(byte[] bytes, List<Integer> offsets, List<byte[]> rows) {
        List<String> goodIds(Map<Integer, Bad> bad) {
            List<String> ids = new ArrayList<>();
            Set<Integer> numbers = new HashSet<>(bad.keySet());
            for (int i = 1; i <= rows.size(); i++) {
                if (!numbers.contains(i)) {
                    ids.add("" + i);
                }
            }
            return ids;
        }

        List<String> expected(Map<Integer, Bad> bad) {
            return bad.entrySet().stream()
                    .map(
                            entry -> {
                                int number = entry.getKey();
                                return "%d|%d|%s|%s|%s"
                                        .formatted(
                                                number,
                                                offsets.get(number - 1),
                                                hex(rows.get(number - 1)),
                                                entry.getValue().column(),
                                                entry.getValue().state());
                            })
                    .toList();
        }

        private static String hex(byte[] bytes) {
            return java.util.HexFormat.of().formatHex(bytes);
        }
    }

    private static File file(int count, Map<Integer, Bad> bad) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(HEADER.getBytes(ISO_8859_1));
        List<Integer> offsets = new ArrayList<>();
        List<byte[]> rows = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Bad kind = bad.get(i);
            String row =
                    kind != null
                            ? kind.row().contains("%") ? kind.row().formatted(i) : kind.row()
                            : "%d,w%d,%d.5,2024-01-%02d,\"{\"\"n\"\":%d}\",%d,1"
                                    .formatted(i, i, i % 1000, i % 28 + 1, i, i % 100);
            offsets.add(file.size());
            rows.add(row.getBytes(ISO_8859_1));
            file.writeBytes(row.getBytes(ISO_8859_1));
            file.write('\n');
        }
        return new File(file.toByteArray(), offsets, rows);
    }
}
