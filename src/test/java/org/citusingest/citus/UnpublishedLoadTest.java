package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.SplitDefinition;
import org.citusingest.TestDatabase;
import org.citusingest.ledger.Ledger;
import org.citusingest.rows.RowFormatException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads that lose a batch, or the end of their source, on the way: nothing of them is kept. */
@Timeout(60)
class UnpublishedLoadTest {
    private static final int BATCH_BYTES = 10_000;
    private static final int ROWS = 10_000;

    private TestDatabase database;
    private TestRoutes routes;

    @BeforeEach
    void createTable() {
        database = TestDatabase.fresh();
        database.execute("CREATE TABLE item (id int, word text)");
        new Ledger(database.dataSource()).install();
    }

    /** Nothing is left: no row, no connection, no transaction, no lock. */
    @AfterEach
    void nothing_is_kept() {
        await().until(() -> routes.connectionsInUse() == 0);
        assertThat(database.count("item")).isZero();
        assertThat(database.count("citus_ingest.batch")).isZero();
        assertThat(
                        database.rows(
                                "SELECT query FROM pg_stat_activity WHERE datname = current_database()"
                                        + " AND state LIKE 'idle in transaction%'"))
                .isEmpty();
        assertThat(
                        database.rows(
                                "SELECT relation::regclass FROM pg_locks WHERE relation = 'item'::regclass"))
                .isEmpty();
        routes.close();
    }

    @Test
    void a_split_without_load_result_publishes_nothing_and_says_to_add_it() {
        start(split -> split.to("citus:item"), false);

        routes.send("direct:batches", "forgotten", rows(ROWS));

        await().until(() -> state().startsWith("failed"));
        assertThat(state())
                .endsWith(
                        "The rows were split into batches and never published, so none is kept: give the"
                                + " split of route batches the aggregationStrategy \"#loadResult\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"== 0", "== 5", "== LAST", "!= 3", ">= 0"})
    void a_step_that_drops_batches_loses_no_row_in_silence(String dropped) {
        int last = lastBatch();
        String rule = dropped.replace("LAST", "" + last);
        start(
                split -> split.filter(exchange -> !drops(exchange, rule)).to("citus:item").end(),
                true);

        Exception failure = routes.failure("direct:batches", "dropped", rows(ROWS));

        assertThat(failure)
                .hasMessageMatching(
                        "dropped: batch \\d+ never reached citus:.*, so nothing of it is kept; does a step of the"
                                + " route batches filter batches or hide an error\\?");
        assertThat(state()).startsWith("failed|").contains("never reached citus:");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, Integer.MAX_VALUE})
    void a_step_that_fails_in_one_batch_fails_the_load(int batch) {
        int failing = Math.min(batch, lastBatch());
        start(
                split ->
                        split.process(
                                        exchange -> {
                                            if (number(exchange) == failing) {
                                                throw new IllegalStateException("lookup failed");
                                            }
                                        })
                                .to("citus:item"),
                true);

        assertThat(routes.failure("direct:batches", "step", rows(ROWS)))
                .hasMessage("lookup failed");
        assertThat(ledgerStates()).doesNotContain("loaded", "loading");
    }

    @ParameterizedTest
    @CsvSource({
        "direct:batches,5000",
        "direct:whole,5000",
        "direct:batches,3000",
        "direct:whole,3000"
    })
    void an_error_of_the_reader_while_batches_are_in_flight_takes_them_back(
            String endpoint, int brokenRow) {
        start(split -> split.to("citus:item"), true);
        for (int i = 0; i < 10; i++) {
            RowStream broken =
                    new RowStream(
                            "id,word", ROWS, id -> id == brokenRow ? id + ",\"a\"b" : id + ",a");

            Exception failure = routes.failure(endpoint, "broken " + i, broken);

            assertThat(failure)
                    .hasStackTraceContaining(RowFormatException.class.getName())
                    .hasStackTraceContaining("row " + brokenRow);
            assertThat(broken.closed()).isTrue();
            await().untilAsserted(
                            () -> assertThat(ledgerStates()).doesNotContain("loading", "loaded"));
            await().until(() -> routes.connectionsInUse() == 0);
        }
        assertThat(database.rows("SELECT count(*) FROM citus_ingest.load WHERE attempts > 1"))
                .containsExactly("0");
    }

    @Test
    void a_batch_that_comes_after_the_end_of_its_load_does_not_open_it_again() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        RowStream broken =
                new RowStream("id,word", ROWS, id -> id == 5_000 ? id + ",\"a\"b" : id + ",a");
        start(
                split ->
                        split.process(exchange -> awaitEnd(exchange, broken))
                                .doTry()
                                .to("citus:item")
                                .doFinally()
                                .process(exchange -> late.countDown())
                                .end(),
                true);

        routes.failure("direct:batches", "late", broken);
        assertThat(late.await(30, TimeUnit.SECONDS)).isTrue();

        await().untilAsserted(() -> assertThat(ledgerStates()).doesNotContain("loading", "loaded"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct:batches", "direct:whole"})
    void a_bad_row_at_the_start_stops_the_reading_early(String endpoint) {
        start(split -> split.to("citus:item"), true);
        int many = 3_000_000;
        RowStream source = new RowStream("id,word", many, id -> id == 2 ? "bad,a" : id + ",a");

        assertThat(routes.failure(endpoint, "early", source))
                .hasMessageContaining("early row 2, column id, value \"bad\"");
        assertThat(source.rowsRead()).isLessThan(many / 2);
    }

    private interface Steps {
        void of(SplitDefinition split);
    }

    private void start(Steps steps, boolean loadResult) {
        routes =
                TestRoutes.of(
                        database,
                        TestRoutes.whole(BATCH_BYTES, "item"),
                        new RouteBuilder() {
                            @Override
                            public void configure() {
                                SplitDefinition split =
                                        from("direct:batches")
                                                .routeId("batches")
                                                .unmarshal(TestRoutes.delimited(BATCH_BYTES))
                                                .split(body())
                                                .streaming()
                                                .parallelProcessing()
                                                .executorService("copy");
                                if (loadResult) {
                                    split.aggregationStrategy("#loadResult");
                                }
                                steps.of(split);
                            }
                        });
    }

    /** The first batch waits until its source has failed. */
    private static void awaitEnd(Exchange exchange, RowStream broken) {
        if (number(exchange) == 0) {
            await().until(broken::closed);
        }
    }

    private static boolean drops(Exchange exchange, String rule) {
        int number = Integer.parseInt(rule.substring(3));
        return switch (rule.substring(0, 2)) {
            case "==" -> number(exchange) == number;
            case "!=" -> number(exchange) != number;
            default -> number(exchange) >= number;
        };
    }

    private static int number(Exchange exchange) {
        return exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX, Integer.class);
    }

    /** The number of the last batch of {@link #ROWS} rows. */
    private static int lastBatch() {
        long bytes = "id,word\n".length();
        for (int id = 1; id <= ROWS; id++) {
            bytes += (id + ",a\n").length();
        }
        return (int) (bytes / BATCH_BYTES);
    }

    private static RowStream rows(int count) {
        return new RowStream("id,word", count, id -> id + ",a");
    }

    private String state() {
        return String.join(";", database.rows("SELECT state, error FROM citus_ingest.load"));
    }

    private List<String> ledgerStates() {
        return database.rows("SELECT state FROM citus_ingest.load");
    }
}
