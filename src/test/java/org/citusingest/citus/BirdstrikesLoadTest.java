package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A file as an agency published it, by every way that leads into a table. */
class BirdstrikesLoadTest {
    private static final Path FILE = Path.of("src/test/resources/birdstrikes.csv");
    private static final int ROWS = 10_000;

    private static final String COLUMNS =
            "airport_name,aircraft_make_model,effect_amount_of_damage,flight_date,aircraft_airline_operator,"
                    + "origin_state,phase_of_flight,wildlife_size,wildlife_species,time_of_day,cost_other,"
                    + "cost_repair,cost_total,speed_ias_in_knots";

    private static final String ROUTES =
            """
            - route:
                id: split
                from:
                  uri: direct:split
                  steps:
                    - unmarshal: {custom: {ref: delimited}}
                    - split:
                        simple: "${body}"
                        streaming: true
                        parallelProcessing: true
                        executorService: copy
                        aggregationStrategy: "#loadResult"
                        steps:
                          - to: citus:birdstrike
            - route:
                id: small-batches
                from:
                  uri: direct:small-batches
                  steps:
                    - unmarshal: {custom: {ref: small}}
                    - split:
                        simple: "${body}"
                        streaming: true
                        parallelProcessing: true
                        executorService: copy
                        aggregationStrategy: "#loadResult"
                        steps:
                          - to: citus:birdstrike
            - route:
                id: whole
                from:
                  uri: direct:whole
                  steps:
                    - unmarshal: {custom: {ref: delimited}}
                    - to: citus:birdstrike
            - route:
                id: bytes
                from:
                  uri: direct:bytes
                  steps:
                    - to: citus:birdstrike
            - route:
                id: unnamed
                from:
                  uri: direct:unnamed
                  steps:
                    - to:
                        uri: citus:birdstrike
                        parameters:
                          columns: %s
            - route:
                id: csv
                from:
                  uri: direct:csv
                  steps:
                    - unmarshal: {csv: {lazyLoad: true, useMaps: true, nullString: ""}}
                    - split:
                        simple: "${collate(1000)}"
                        streaming: true
                        aggregationStrategy: "#loadResult"
                        steps:
                          - to: citus:birdstrike
            - route:
                id: csv-parallel
                from:
                  uri: direct:csv-parallel
                  steps:
                    - unmarshal: {csv: {lazyLoad: true, useMaps: true, nullString: ""}}
                    - split:
                        simple: "${collate(700)}"
                        streaming: true
                        parallelProcessing: true
                        executorService: copy
                        aggregationStrategy: "#loadResult"
                        steps:
                          - to: citus:birdstrike
            """
                    .formatted(COLUMNS);

    private static TestDatabase database;
    private static TestRoutes routes;

    @BeforeAll
    static void start() {
        database = TestDatabase.fresh();
        database.execute(
                """
                CREATE TABLE birdstrike (
                    airport_name text NOT NULL, aircraft_make_model varchar(40), effect_amount_of_damage text,
                    flight_date date NOT NULL, aircraft_airline_operator text, origin_state char(20),
                    phase_of_flight text, wildlife_size varchar(6), wildlife_species text, time_of_day text,
                    cost_other int, cost_repair bigint, cost_total numeric(12,2), speed_ias_in_knots smallint)
                """,
                "CREATE TABLE expected (LIKE birdstrike)",
                // The server reads the file with its own CSV parser: the measure of every other
                // way.
                "COPY expected FROM '%s' (FORMAT csv, HEADER)".formatted(FILE.toAbsolutePath()));
        routes = TestRoutes.yaml(database, ROUTES, "small", TestRoutes.delimited(20_000));
    }

    @AfterAll
    static void stop() {
        routes.close();
    }

    @BeforeEach
    void empty() {
        database.execute("TRUNCATE birdstrike");
    }

    @Test
    void counts_and_sums_are_those_of_the_file() throws IOException {
        LoadTotals totals = routes.load("direct:split", "sums", FILE.toFile());

        assertThat(totals).isEqualTo(new LoadTotals(totals.loadId(), ROWS, 0, false));
        assertThat(
                        database.rows(
                                "SELECT count(*), sum(cost_total)::bigint, sum(cost_repair),"
                                        + " sum(speed_ias_in_knots), count(speed_ias_in_knots),"
                                        + " count(*) FILTER (WHERE flight_date < '1995-01-01') FROM birdstrike"))
                .containsExactly(
                        "%d|%d|%d|%d|%d|%d"
                                .formatted(
                                        ROWS,
                                        sum(row -> number(row, "Cost Total $")),
                                        sum(row -> number(row, "Cost Repair")),
                                        sum(row -> number(row, "Speed IAS in knots")),
                                        sum(
                                                row ->
                                                        row.getField("Speed IAS in knots").isEmpty()
                                                                ? 0
                                                                : 1),
                                        sum(
                                                row ->
                                                        row.getField("Flight Date")
                                                                                .compareTo(
                                                                                        "1995-01-01")
                                                                        < 0
                                                                ? 1
                                                                : 0)));
        assertThat(database.rows("SELECT table_name, rows_copied FROM citus_ingest.batch"))
                .contains("\"public\".\"birdstrike\"|" + ROWS);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void every_way_gives_the_rows_that_the_server_reads_itself(
            String way, String endpoint, Object body) {
        LoadTotals totals = routes.load(endpoint, way, body);

        assertThat(totals.rowsCopied()).isEqualTo(ROWS);
        assertThat(database.differences("birdstrike", "expected")).isZero();
        assertThat(routes.connectionsInUse()).isZero();
    }

    static Stream<Arguments> ways() throws IOException {
        byte[] bytes = Files.readAllBytes(FILE);
        return Stream.of(
                Arguments.of("split of a file", "direct:split", FILE.toFile()),
                Arguments.of("split into small batches", "direct:small-batches", bytes),
                Arguments.of("whole stream", "direct:whole", Files.newInputStream(FILE)),
                Arguments.of("csv, lazy, maps", "direct:csv", Files.newInputStream(FILE)),
                Arguments.of("csv, parallel", "direct:csv-parallel", Files.newInputStream(FILE)),
                Arguments.of("lists and columns=", "direct:unnamed", lists()),
                Arguments.of("arrays and columns=", "direct:unnamed", arrays()),
                Arguments.of("maps", "direct:bytes", maps()),
                Arguments.of("iterator of maps", "direct:bytes", maps().iterator()),
                Arguments.of("iterator of lists", "direct:unnamed", lists().iterator()),
                Arguments.of("bytes", "direct:bytes", bytes),
                Arguments.of("text", "direct:bytes", new String(bytes, StandardCharsets.UTF_8)),
                Arguments.of("stream", "direct:bytes", Files.newInputStream(FILE)),
                Arguments.of("file", "direct:bytes", FILE.toFile()),
                Arguments.of("path", "direct:bytes", FILE));
    }

    private static List<List<String>> lists() {
        List<List<String>> rows = new ArrayList<>();
        try (CsvReader<CsvRecord> reader = CsvReader.builder().ofCsvRecord(FILE)) {
            reader.stream().skip(1).forEach(row -> rows.add(nulls(row.getFields())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    private static List<Object[]> arrays() {
        return lists().stream().map(List::toArray).toList();
    }

    private static List<Map<String, String>> maps() {
        List<String> names = List.of(COLUMNS.split(",", -1));
        List<Map<String, String>> maps = new ArrayList<>();
        for (List<String> row : lists()) {
            Map<String, String> map = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                map.put(names.get(i), row.get(i));
            }
            maps.add(map);
        }
        return maps;
    }

    private static List<String> nulls(List<String> fields) {
        List<String> values = new ArrayList<>(fields);
        values.replaceAll(value -> value.isEmpty() ? null : value);
        return values;
    }

    private static long sum(ToLongFunction<NamedCsvRecord> value) throws IOException {
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(FILE)) {
            return reader.stream().mapToLong(value).sum();
        }
    }

    private static long number(NamedCsvRecord row, String name) {
        String text = row.getField(name);
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }
}
