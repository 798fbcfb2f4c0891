package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchException;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.citusingest.CitusServer;
import org.citusingest.TestDatabase;
import org.citusingest.demo.SampleSchema;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.ClaimOutcome;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.Overwrite;
import org.citusingest.rows.ListBatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** Loads into distributed tables of a real Citus. */
@Tag("citus")
@Timeout(120)
class CitusLoadTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();

    private static final Path BIRDSTRIKES = Path.of("src/test/resources/birdstrikes.csv");
    private static final int ROWS = 3_000;
    private static final int BAD = 1_700;

    private static TestDatabase database;
    private static TestDatabase loader;
    private static TestRoutes routes;

    @BeforeAll
    static void start() {
        database = CITUS.database();
        SampleSchema.install(database.dataSource());
        database.execute(
                """
                CREATE TABLE birdstrike (
                    airport_name text NOT NULL, aircraft_make_model varchar(40), effect_amount_of_damage text,
                    flight_date date NOT NULL, aircraft_airline_operator text, origin_state char(20),
                    phase_of_flight text, wildlife_size varchar(6), wildlife_species text, time_of_day text,
                    cost_other int, cost_repair bigint, cost_total numeric(12,2), speed_ias_in_knots smallint)
                """,
                "CREATE TABLE expected (LIKE birdstrike)",
                "SELECT create_distributed_table('birdstrike', 'airport_name')",
                "CREATE TABLE item (id int PRIMARY KEY, word varchar(10), doc jsonb, score int"
                        + " CONSTRAINT score_in_percent CHECK (score <= 100))",
                "SELECT create_distributed_table('item', 'id')");
        loader = CITUS.loader("http_request_1min");
        routes =
                TestRoutes.of(
                        loader,
                        new RouteBuilder() {
                            @Override
                            public void configure() {
                                from("direct:load")
                                        .routeId(CITUS.schema())
                                        .unmarshal(TestRoutes.delimited(20_000))
                                        .split(body())
                                        .streaming()
                                        .parallelProcessing()
                                        .executorService("copy")
                                        .aggregationStrategy("#loadResult")
                                        .toD("citus:${header.table}");
                            }
                        });
    }

    @AfterAll
    static void stop() {
        if (routes != null) {
            routes.close();
        }
    }

    @Test
    void the_tables_of_the_ledger_are_known_to_every_node() {
        Ledger ledger = new Ledger(loader.dataSource());
        ledger.install();
        ledger.install();

        assertThat(
                        database.rows(
                                "SELECT logicalrelid, partmethod FROM pg_dist_partition"
                                        + " WHERE logicalrelid::text LIKE 'citus\\_ingest.%' ORDER BY 1"))
                .contains(
                        "citus_ingest.ledger_version|n",
                        "citus_ingest.load|n",
                        "citus_ingest.batch|n");
    }

    @Test
    void a_file_goes_into_a_distributed_table_once() throws Exception {
        try (Connection connection = database.dataSource().getConnection();
                InputStream file = Files.newInputStream(BIRDSTRIKES)) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY expected FROM STDIN (FORMAT csv, HEADER)", file);
        }

        LoadTotals first = load("birdstrike", "birds", BIRDSTRIKES.toFile());
        LoadTotals again = load("birdstrike", "birds", BIRDSTRIKES.toFile());

        assertThat(first.rowsCopied()).isEqualTo(10_000);
        assertThat(again).isEqualTo(new LoadTotals(first.loadId(), 0, 0, true));
        // EXCEPT between a local and a distributed table: Citus wants a subquery on either side.
        assertThat(
                        database.rows(
                                "WITH loaded AS MATERIALIZED (SELECT * FROM birdstrike)"
                                        + " (TABLE loaded EXCEPT ALL TABLE expected)"
                                        + " UNION ALL (TABLE expected EXCEPT ALL TABLE loaded)"))
                .isEmpty();
        assertThat(ledger("birds")).containsExactly("loaded|1|10000");
    }

    @Test
    void requests_are_summed_up_once_for_each_load() {
        String summarize =
                "SELECT citus_ingest.summarize('%s', 'SELECT rollup_http_request()')"
                        .formatted(CITUS.schema());
        loader.ask(summarize);
        long before = requests();
        load("http_request", "log 1", requests(5_000));
        load("http_request", "log 2", requests(2_000));

        assertThat(loader.ask(summarize)).isEqualTo("2");
        assertThat(loader.ask(summarize)).isEqualTo("0");

        assertThat(requests() - before).isEqualTo(7_000);
        assertThat(database.count("http_request")).isEqualTo(7_000);
        assertThat(database.rows("SELECT DISTINCT _load_id FROM http_request")).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x1,a,1,1 | row 1700, column id, value \"x1\": 22P02 ",
                "1700,abcdefghijk,1,1 | row 1700, column word, value \"abcdefghijk\": 22001 ",
                "1700,a,1,3000000000 | row 1700, column score, value \"3000000000\": 22003 ",
                "1700,a,[1;2],1 | row 1700, column doc"
            })
    void a_bad_value_is_named_by_row_and_column(String row, String place) {
        Exception failure = refuse("type of " + row, row);

        assertThat(failure).hasMessageContaining(key("type of " + row) + " " + place);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5,a,1,1 | Key (id)=(5) already exists | item_pkey\"",
                "1700,a,1,101 | Failing row contains (1700, a, 1, 101) | score_in_percent\"",
                ",a,1,1 | cannot be NULL | distribution column"
            })
    void a_violated_constraint_is_told_by_the_names_that_the_user_knows(
            String row, String detail, String name) {
        // The name of the source looks like that of a shard.
        Exception failure = refuse("day_20240115 " + row, row);

        assertThat(failure)
                .hasMessageContaining(key("day_20240115 " + row))
                .hasMessageContaining(detail)
                .hasMessageContaining(name);
        // The name of the schema is made up anew each time, and may begin with as many digits.
        assertThat(failure.getMessage().replace("20240115", "").replace(CITUS.schema(), ""))
                .doesNotContainPattern("_\\d{6}");
        assertThat(failure.getMessage()).matches("(?s).*( in rows 1 to 3000| row \\d+)[:,].*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"load", "batch"})
    void bad_rows_of_every_kind_are_found_among_the_good_ones(String publish) {
        database.execute("TRUNCATE item", "INSERT INTO item VALUES (0, 'before')");
        String key = "rejected by " + publish;
        Map<Integer, String> bad =
                Map.of(
                        300, "x1,a,1,1",
                        600, "600,abcdefghijk,1,1",
                        900, "900,a,[1;2],1",
                        1200, "1200,a,1,101",
                        1500, "0,a,1,1",
                        1800, ",a,1,1",
                        2100, "2100,a",
                        2400, "2400,a,1,102");
        String[] lines = new String(file("1700,a,1,1"), UTF_8).split("\n");
        bad.forEach((number, row) -> lines[number] = row);

        LoadTotals totals =
                routes.load(
                        "direct:load",
                        key(key),
                        String.join("\n", lines) + "\n",
                        Map.of("table", "item?maxRejects=10&publish=" + publish));

        assertThat(totals).isEqualTo(new LoadTotals(totals.loadId(), ROWS - 8, 8, false));
        assertThat(database.rows("SELECT count(*), count(DISTINCT id) FROM item"))
                .containsExactly("2993|2993");
        assertThat(
                        database.rows(
                                "SELECT row_number, sqlstate FROM citus_ingest.reject WHERE load_id = %d ORDER BY 1"
                                        .formatted(totals.loadId())))
                .containsExactly(
                        "300|22P02",
                        "600|22001",
                        "900|22P02",
                        "1200|23514",
                        "1500|23505",
                        "1800|22004",
                        "2100|22P04",
                        "2400|23514");
        assertThat(
                        database.rows(
                                "SELECT reason FROM citus_ingest.reject WHERE load_id = %d"
                                        .formatted(totals.loadId())))
                .noneMatch(reason -> reason.matches(".*_\\d{6}.*"));
        database.execute("TRUNCATE item");
    }

    @Test
    void a_load_that_failed_can_be_sent_again() {
        refuse("mended", "x,a,1,1");
        database.execute("TRUNCATE item");

        assertThat(load("item", "mended", file("1700,a,1,1")).rowsCopied()).isEqualTo(ROWS);

        assertThat(database.count("item")).isEqualTo(ROWS);
        assertThat(ledger("mended")).containsExactly("loaded|2|" + ROWS);
        database.execute("TRUNCATE item");
    }

    @Test
    void a_process_that_lost_its_lease_publishes_nothing() throws Exception {
        database.execute("TRUNCATE item");
        Ledger zombie = new Ledger(loader.dataSource(), "zombie", Duration.ofMillis(300));
        Claim lost =
                ((ClaimOutcome.Claimed) zombie.claimKey(CITUS.schema(), key("fenced"))).claim();
        zombie.close();
        ClaimedLoads late =
                new ClaimedLoads(List.of(lost), zombie, loader.dataSource()::getConnection, true);
        late.copy(
                routes.context().getEndpoint("citus:item?columns=id,word", CitusEndpoint.class),
                ListBatch.of(List.of(Map.of("id", -1, "word", "zombie")), 0, 1));
        await().until(
                        () ->
                                database.ask(
                                                "SELECT lease_until < now() FROM citus_ingest.load WHERE id = "
                                                        + lost.id())
                                        .equals("t"));

        load("item", "fenced", file("1700,a,1,1"));

        // Whoever took the load over has ended the transaction of the one that lost it.
        assertThat(catchException(() -> late.publish(1))).isNotNull();
        late.abort(new IllegalStateException("lost"));
        assertThat(database.rows("SELECT count(*), min(id) FROM item")).containsExactly("3000|1");
        assertThat(ledger("fenced")).containsExactly("loaded|2|" + ROWS);
        database.execute("TRUNCATE item");
    }

    private static Exception refuse(String name, String row) {
        long before = database.count("item");
        Exception failure =
                routes.failure("direct:load", key(name), file(row), Map.of("table", "item"));
        assertThat(failure).isInstanceOf(CopyException.class);
        assertThat(failure.getMessage()).doesNotContain("\n");
        assertThat(database.count("item")).isEqualTo(before);
        assertThat(ledger(name)).containsExactly("failed|1|0");
        assertThat(routes.connectionsInUse()).isZero();
        return failure;
    }

    private static LoadTotals load(String table, String name, Object body) {
        return routes.load("direct:load", key(name), body, Map.of("table", table));
    }

    private static String key(String name) {
        return CITUS.schema() + "/" + name;
    }

    private static List<String> ledger(String name) {
        return database.rows(
                "SELECT state, attempts, rows_copied FROM citus_ingest.load WHERE blob = '%s'"
                        .formatted(key(name)));
    }

    private static long requests() {
        return Long.parseLong(
                database.ask("SELECT coalesce(sum(request_count), 0) FROM http_request_1min"));
    }

    private static RowStream requests(int count) {
        return new RowStream(
                "site_id,ingest_time,url,request_country,ip_address,status_code,response_time_msec",
                count,
                i ->
                        "%d,2024-01-01 %02d:%02d:00+00,http://example.com/%d,IT,192.0.2.%d,%d,%d"
                                .formatted(
                                        i % 50,
                                        i % 24,
                                        i % 60,
                                        i,
                                        i % 256,
                                        i % 10 == 0 ? 500 : 200,
                                        i % 1000));
    }

    /** Good rows, and the one row in place of the one with its number. */
    private static byte[] file(String bad) {
        StringBuilder file = new StringBuilder("id,word,doc,score\n");
        for (int i = 1; i <= ROWS; i++) {
            file.append(i == BAD ? bad : "%d,w%d,[%d],%d".formatted(i, i, i, i % 100)).append('\n');
        }
        return file.toString().getBytes(UTF_8);
    }

    /** Rows in shards are committed node by node, and the old version goes with all of the new. */
    @ParameterizedTest
    @CsvSource({"append,2", "replace,1"})
    void only_a_version_that_replaces_no_other_goes_into_the_shards(
            Overwrite overwrite, int leastRanges) throws Exception {
        database.execute(
                "CREATE TABLE version_%s (id int, word text, _load_id bigint)".formatted(overwrite),
                "SELECT create_distributed_table('version_%s', 'id')".formatted(overwrite));
        Ledger ledger = new Ledger(CITUS.loader("http_request_1min").dataSource());
        ledger.install();
        Claim claim =
                ((ClaimOutcome.Claimed)
                                ledger.claimKey(CITUS.schema(), CITUS.schema() + "/" + overwrite))
                        .claim();
        Claim version =
                new Claim(
                        claim.id(),
                        claim.pipeline(),
                        claim.account(),
                        claim.container(),
                        claim.blob(),
                        claim.etag(),
                        claim.sizeBytes(),
                        claim.owner(),
                        claim.attempt(),
                        claim.generation(),
                        overwrite,
                        claim.eventAt(),
                        claim.claimedAt());

        Exchange loaded =
                routes.context()
                        .createProducerTemplate()
                        .send(
                                "direct:load",
                                exchange -> {
                                    exchange.setProperty(Claim.PROPERTY, version);
                                    exchange.getMessage()
                                            .setHeader("table", "version_" + overwrite);
                                    exchange.getMessage()
                                            .setBody(
                                                    new RowStream(
                                                            "id,word",
                                                            1000,
                                                            n -> n + ",word " + n));
                                });

        assertThat(loaded.getException()).isNull();
        assertThat(database.count("version_" + overwrite)).isEqualTo(1000);
        String ranges = "citus_ingest.batch WHERE load_id = " + claim.id();
        assertThat(database.count(ranges)).isGreaterThanOrEqualTo(leastRanges);
        assertThat(database.count(ranges + " AND shards IS NULL"))
                .isEqualTo(overwrite == Overwrite.replace ? 1 : 0);
    }
}
