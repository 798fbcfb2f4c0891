package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.spi.DataFormat;
import org.citusingest.TestDatabase;
import org.citusingest.ledger.Ledger;
import org.citusingest.rows.json.JsonDataFormat;
import org.citusingest.rows.json.JsonLinesDataFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads of JSON have the values that PostgreSQL itself gives them. */
@Timeout(120)
class JsonLoadTest {
    private static final int ROWS = 3_000;
    private static final String COLUMNS =
            "id int, word text, price numeric, score float8, at timestamptz, day date, flag bool, doc jsonb, plain json";

    private final TestDatabase database = TestDatabase.fresh();

    private TestRoutes routes(DataFormat format, String table) {
        return TestRoutes.of(
                database,
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:json")
                                .routeId("json")
                                .unmarshal(format)
                                .split(body())
                                .streaming()
                                .parallelProcessing()
                                .executorService("copy")
                                .aggregationStrategy("#loadResult")
                                .to("citus:" + table);
                    }
                });
    }

    private static JsonLinesDataFormat lines() {
        JsonLinesDataFormat format = new JsonLinesDataFormat();
        format.setBatchBytes(20_000);
        return format;
    }

    /** Objects with keys in any order, of which some are missing. */
    private static List<String> objects(long seed) {
        Random random = new Random(seed);
        List<String> objects = new ArrayList<>();
        for (int id = 1; id <= ROWS; id++) {
            List<String> members =
                    new ArrayList<>(
                            List.of(
                                    "\"word\":\"w\\u00e9\\n\\\"%d\\ud83d\\ude00\"".formatted(id),
                                    "\"price\":%d.%02d".formatted(random.nextInt(99_999), id % 100),
                                    "\"score\":%de%d".formatted(id, random.nextInt(40) - 20),
                                    "\"at\":\"2026-11-%02dT10:00:00.%06dZ\""
                                            .formatted(1 + id % 28, random.nextInt(1_000_000)),
                                    "\"day\":\"2026-02-%02d\"".formatted(1 + id % 28),
                                    "\"flag\":" + random.nextBoolean(),
                                    "\"doc\":"
                                            + List.of(
                                                            "{\"a\":[1,{\"b\":\"}\\n\"}], \"a\":2}",
                                                            "\"text\"",
                                                            "\"12\"",
                                                            "12.50",
                                                            "true",
                                                            "[]",
                                                            "\"\\u00e9\\\\\"")
                                                    .get(random.nextInt(7)),
                                    "\"plain\":\"p%d\"".formatted(id)));
            java.util.Collections.shuffle(members, random);
            List<String> kept = members.subList(0, 5 + random.nextInt(4));
            objects.add("{\"id\":" + id + ", " + String.join(" ,", kept) + "}");
        }
        return objects;
    }

    private void assertAsByPostgres(List<String> objects) {
        database.execute(
                "CREATE TABLE source (line text)",
                "CREATE TYPE item_record AS (" + COLUMNS + ")",
                "INSERT INTO source SELECT unnest(ARRAY["
                        + String.join(
                                ",",
                                objects.stream()
                                        .map(line -> "'" + line.replace("'", "''") + "'")
                                        .toList())
                        + "])");
        String values = "id, word, price, score, at, day, flag, doc, plain::text";
        assertThat(
                        database.rows(
                                "SELECT %s FROM source, json_populate_record(NULL::item_record, line::json) ORDER BY id"
                                        .formatted(values)))
                .hasSize(objects.size())
                .isEqualTo(database.rows("SELECT %s FROM item ORDER BY id".formatted(values)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", extra inet"})
    void lines_have_the_values_that_postgres_gives_their_records(String more) {
        database.execute("CREATE TABLE item (" + COLUMNS + more + ")");
        List<String> objects = objects(1);
        try (TestRoutes routes = routes(lines(), "item?onMissingColumn=null")) {
            LoadTotals totals =
                    routes.load("direct:json", "k", String.join("\r\n", objects).getBytes(UTF_8));
            assertThat(totals.rowsCopied()).isEqualTo(ROWS);
        }
        assertAsByPostgres(objects);
    }

    @Test
    void a_document_has_them_too() {
        database.execute("CREATE TABLE item (" + COLUMNS + ")");
        List<String> objects = objects(2);
        JsonDataFormat format = new JsonDataFormat();
        format.setPath("/data/items");
        format.setBatchBytes(20_000);
        try (TestRoutes routes = routes(format, "item?onMissingColumn=null")) {
            String document = "{\"n\":1,\"data\":{\"items\":[\n%s]}}";
            routes.load(
                    "direct:json",
                    "k",
                    document.formatted(String.join(",\n", objects)).getBytes(UTF_8));
        }
        assertAsByPostgres(objects);
    }

    @ParameterizedTest
    @ValueSource(strings = {"load", "batch"})
    void a_bad_row_is_told_and_every_other_row_is_loaded(String publish) {
        database.execute("CREATE TABLE item (id int, word text, doc jsonb)");
        List<String> lines = new ArrayList<>();
        for (int id = 1; id <= 2_000; id++) {
            lines.add("{\"id\":%d,\"word\":\"w%d\",\"doc\":{\"n\":[%d]}}".formatted(id, id, id));
        }
        lines.set(99, "{\"id\":100,\"word\":\"w\"");
        lines.set(199, "[200]");
        lines.set(299, "{\"id\":\"x\",\"word\":\"w\"}");
        lines.set(399, "{\"id\":400,\"word\":\"w\\ud800\"}");
        lines.set(499, "{\"id\":500,\"word\":\"w\\u0000\"}");
        lines.set(599, "{\"id\":600,\"doc\":{\"x\":\"\\u0000\"}}");
        lines.set(699, "{\"id\":700,\"doc\":\"\\udc00\"}");
        lines.set(799, "oops");
        String text = String.join("\n", lines);
        try (TestRoutes routes = routes(lines(), "item?maxRejects=20&publish=" + publish)) {
            LoadTotals totals = routes.load("direct:json", "k", text.getBytes(UTF_8));
            assertThat(totals.rowsCopied()).isEqualTo(1_992);
        }
        assertThat(database.rows("SELECT id FROM item WHERE id % 100 = 0 ORDER BY id"))
                .startsWith("900", "1000");
        List<String> rejects =
                database.rows(
                        "SELECT row_number, column_name, sqlstate, byte_offset, convert_from(raw, 'UTF8'), reason"
                                + " FROM citus_ingest.reject WHERE published ORDER BY row_number");
        assertThat(rejects).hasSize(8);
        for (String reject : rejects) {
            int row = Integer.parseInt(reject.substring(0, reject.indexOf('|')));
            String line = lines.get(row - 1);
            assertThat(reject).contains("|" + text.indexOf(line) + "|" + line + "|");
        }
        assertThat(rejects.get(0)).contains("|null|22P04|").contains("it is cut off");
        assertThat(rejects.get(1)).contains("|null|22P04|").contains("it is an array");
        assertThat(rejects.get(2)).startsWith("300|id|22P02|");
        assertThat(rejects.get(3)).startsWith("400|word|22021|").contains("0xed 0xa0 0x80");
        assertThat(rejects.get(4)).startsWith("500|word|22021|").contains("0x00");
        assertThat(rejects.get(5)).startsWith("600|doc|22P05|");
        assertThat(rejects.get(6)).startsWith("700|doc|22P02|");
        assertThat(rejects.get(7)).contains("|null|22P04|").contains("it is no JSON");
    }

    @ParameterizedTest
    @CsvSource({"5000,3000", "3000,100000"})
    void an_interrupted_load_goes_on_with_what_is_missing(int batchBytes, int nextBatchBytes) {
        database.execute("CREATE TABLE item (id int, word text, _load_id bigint)");
        new Ledger(database.dataSource()).install();
        StringBuilder text = new StringBuilder("[");
        for (int id = 1; id <= ROWS; id++) {
            text.append(id == 1 ? "" : " ,\n");
            text.append("{\"id\":%d,\"word\":\"w%d\"}".formatted(id, id));
        }
        JsonDataFormat first = new JsonDataFormat();
        first.setBatchBytes(batchBytes);
        // Cut off, and read on from where that was once it is whole.
        String cut = text.substring(0, text.length() / 2);
        try (TestRoutes routes = routes(first, "item?publish=batch")) {
            assertThat(routes.failure("direct:json", "k", cut.getBytes(UTF_8)))
                    .hasStackTraceContaining("it is cut off");
        }
        assertThat(database.count("item")).isPositive();

        JsonDataFormat second = new JsonDataFormat();
        second.setBatchBytes(nextBatchBytes);
        try (TestRoutes routes = routes(second, "item?publish=batch")) {
            routes.load("direct:json", "k", text.append("]").toString().getBytes(UTF_8));
        }
        assertThat(database.ask("SELECT count(*), count(DISTINCT id), sum(id) FROM item"))
                .isEqualTo("%d|%d|%d".formatted(ROWS, ROWS, ROWS * (ROWS + 1) / 2));
    }

    @Test
    void a_malformed_document_loads_nothing_and_says_where() {
        database.execute("CREATE TABLE item (id int)");
        try (TestRoutes routes = routes(new JsonDataFormat(), "item?maxRejects=100")) {
            assertThat(
                            routes.failure(
                                    "direct:json", "k", "[{\"id\":1},{\"id\":2}{".getBytes(UTF_8)))
                    .hasStackTraceContaining(
                            "row 3, byte 18: it is no JSON: a comma or ] is expected");
        }
        assertThat(database.count("item")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n \r\n"})
    void an_empty_source_is_a_load_without_rows(String text) {
        database.execute("CREATE TABLE item (id int)");
        try (TestRoutes routes = routes(lines(), "item")) {
            assertThat(
                            routes.load(
                                            "direct:json",
                                            "k",
                                            new ByteArrayInputStream(text.getBytes(UTF_8)))
                                    .rowsCopied())
                    .isZero();
        }
    }

    @Test
    void keys_that_come_later_become_columns_and_what_has_none_is_rescued_as_json() {
        database.execute("CREATE TABLE item (id int, word text, late int, _rescued jsonb)");
        StringBuilder text = new StringBuilder();
        for (int id = 1; id <= 2_000; id++) {
            text.append("{\"id\":%d,\"word\":\"w\"".formatted(id));
            text.append(id > 1_500 ? ",\"late\":5,\"new\":{\"a\":[\"x\"]},\"s\":\"12\"" : "");
            text.append("}\n");
        }
        try (TestRoutes routes = routes(lines(), "item?onMissingColumn=null&onNewColumn=rescue")) {
            routes.load("direct:json", "k", text.toString().getBytes(UTF_8));
        }
        assertThat(
                        database.rows(
                                "SELECT count(*), late, _rescued FROM item GROUP BY 2, 3 ORDER BY 1"))
                .containsExactly(
                        "500|5|{\"s\": \"12\", \"new\": {\"a\": [\"x\"]}}", "1500|null|null");
    }

    @Test
    void a_row_of_three_hundred_columns_is_loaded() {
        StringBuilder columns = new StringBuilder("id int");
        for (int i = 0; i < 299; i++) {
            columns.append(", c").append(i).append(" int");
        }
        database.execute("CREATE TABLE item (" + columns + ")");
        StringBuilder text = new StringBuilder();
        for (int id = 1; id <= 300; id++) {
            text.append("{\"id\":").append(id);
            for (int i = id % 10; i < 299; i += 10) {
                text.append(",\"c").append(i).append("\":").append(i % 20 == 0 ? "null" : i);
            }
            text.append("}\n");
        }
        try (TestRoutes routes = routes(lines(), "item?onMissingColumn=null")) {
            routes.load("direct:json", "k", text.toString().getBytes(UTF_8));
        }
        assertThat(database.ask("SELECT count(*), sum(c11), sum(c10), sum(c297) FROM item"))
                .isEqualTo("300|330|300|8910");
    }
}
