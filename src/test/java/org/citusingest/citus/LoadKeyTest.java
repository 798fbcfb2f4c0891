package org.citusingest.citus;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.Exchange;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What identifies a load, and that it is loaded once. */
@Timeout(60)
class LoadKeyTest {
    private static final int BATCH_BYTES = 10_000;
    private static final int ROWS = 100_000;

    private static TestDatabase database;
    private static TestRoutes routes;

    @BeforeAll
    static void start() {
        database = TestDatabase.fresh();
        database.execute("CREATE TABLE item (id int, word text)");
        routes =
                TestRoutes.of(
                        database,
                        TestRoutes.split(BATCH_BYTES, "item"),
                        TestRoutes.whole(BATCH_BYTES, "item"),
                        TestRoutes.csv(10, "item"));
    }

    @AfterAll
    static void stop() {
        routes.close();
    }

    @BeforeEach
    void empty() {
        database.execute("TRUNCATE item");
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct:split", "direct:whole"})
    void a_key_loads_once_and_its_repetition_is_not_read(String endpoint) {
        LoadTotals first = routes.load(endpoint, "once", rows(ROWS));
        RowStream again = rows(ROWS);
        Exchange second = routes.send(endpoint, "once", again);

        assertThat(second.getMessage().getBody())
                .isEqualTo(new LoadTotals(first.loadId(), 0, 0, true));
        assertThat(second.getMessage().getHeader(CitusConstants.LOAD_ID)).isEqualTo(first.loadId());
        assertThat(second.getMessage().getHeader(CitusConstants.ROWS_COPIED)).isEqualTo(0L);
        assertThat(again.rowsRead()).isLessThan(ROWS / 10);
        assertThat(database.count("item")).isEqualTo(ROWS);
    }

    @Test
    void the_same_key_in_another_route_is_another_load() {
        routes.load("direct:split", "shared", rows(3));
        routes.load("direct:whole", "shared", rows(3));

        assertThat(database.count("item")).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct:split", "direct:whole"})
    void a_key_that_failed_may_be_sent_again_and_then_loads(String endpoint) {
        routes.failure(endpoint, "mended", "id,word\n1,a\nx,b\n");
        LoadTotals totals = routes.load(endpoint, "mended", "id,word\n1,a\n2,b\n");

        assertThat(totals.rowsCopied()).isEqualTo(2);
        assertThat(database.rows("SELECT * FROM item ORDER BY id")).containsExactly("1|a", "2|b");
        assertThat(
                        database.rows(
                                "SELECT DISTINCT state, attempts, rows_copied, error FROM citus_ingest.load"
                                        + " WHERE blob = 'mended' AND attempts > 1"))
                .containsExactly("loaded|2|2|null");
    }

    @ParameterizedTest
    @CsvSource({"direct:split,", "direct:whole,", "direct:split,' '", "direct:csv,"})
    void a_missing_key_is_refused_in_one_line(String endpoint, String key) {
        Exception failure = routes.failure(endpoint, key, rows(1_000));

        assertThat(failure.getMessage())
                .isEqualTo(
                        "The exchange from %s does not say which load it is, so it could be loaded twice: set the header CamelCitusLoadKey to what identifies its source, such as the path and the time of change of a file"
                                .formatted(endpoint.replace(":", "://")));
        assertThat(database.count("item")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct:split", "direct:whole"})
    void a_load_without_a_key_is_not_read_to_its_end(String endpoint) {
        RowStream source = rows(ROWS);

        routes.failure(endpoint, null, source);

        assertThat(source.rowsRead()).isLessThan(ROWS / 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct:split", "direct:whole"})
    void of_two_exchanges_with_one_key_one_loads_and_the_other_is_told_who_does(String endpoint)
            throws Exception {
        String key = "both " + endpoint;
        CountDownLatch halfway = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        RowStream slow =
                new RowStream(
                        "id,word",
                        10_000,
                        id -> {
                            if (id == 5_000) {
                                halfway.countDown();
                                arrive(refused);
                            }
                            return id + ",slow";
                        });
        CompletableFuture<LoadTotals> first =
                CompletableFuture.supplyAsync(() -> routes.load(endpoint, key, slow));
        arrive(halfway);
        await().until(() -> database.rows(loading(key)).size() == 1);
        String owner = database.ask(loading(key));

        RowStream second = rows(ROWS);
        Exception failure = routes.failure(endpoint, key, second);
        refused.countDown();

        assertThat(failure)
                .hasMessageStartingWith(
                        key + " is being loaded by " + owner + ", whose lease ends at ")
                .hasMessageEndingWith(": nothing was done; send it again after that");
        assertThat(second.rowsRead()).isLessThan(ROWS / 2);
        assertThat(first.get(30, SECONDS).rowsCopied()).isEqualTo(10_000);
        assertThat(database.rows("SELECT DISTINCT word FROM item")).containsExactly("slow");
        assertThat(database.count("item")).isEqualTo(10_000);
    }

    @ParameterizedTest
    @CsvSource({
        "direct:split,'id,word\n'",
        "direct:whole,'id,word\n'",
        "direct:split,'id,word'",
        "direct:split,''",
        "direct:whole,''",
        "direct:csv,'id,word\n'",
        "direct:csv,''"
    })
    void a_source_without_rows_loads_none(String endpoint, String source) {
        String key = "empty %d %s".formatted(source.length(), endpoint);

        LoadTotals totals = routes.load(endpoint, key, source);

        assertThat(totals).isEqualTo(new LoadTotals(totals.loadId(), 0, 0, false));
        assertThat(database.rows(state(key))).containsExactly("loaded|0");
        assertThat(routes.load(endpoint, key, source).alreadyLoaded()).isTrue();
    }

    private static RowStream rows(int count) {
        return new RowStream("id,word", count, id -> id + ",word " + id);
    }

    private static String loading(String key) {
        return "SELECT owner FROM citus_ingest.load WHERE state = 'loading' AND blob = '%s'"
                .formatted(key);
    }

    private static String state(String key) {
        return "SELECT state, rows_copied FROM citus_ingest.load WHERE blob = '%s'".formatted(key);
    }

    private static void arrive(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_context_that_stops_leaves_no_heartbeat_behind() {
        List<Thread> before = heartbeats();
        TestDatabase own = TestDatabase.fresh();
        own.execute("CREATE TABLE item (id int)");

        try (TestRoutes stopping = TestRoutes.of(own, TestRoutes.whole(1000, "item"))) {
            stopping.load("direct:whole", "a", "id\n1\n");
            assertThat(heartbeats()).anyMatch(thread -> !before.contains(thread));
        }

        await().until(() -> before.containsAll(heartbeats()));
    }

    private static List<Thread> heartbeats() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("heartbeat"))
                .toList();
    }
}
