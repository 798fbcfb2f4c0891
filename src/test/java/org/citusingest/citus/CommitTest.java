package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchException;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.citusingest.FaultyDataSource;
import org.citusingest.TestDatabase;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.ClaimOutcome;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.Publication;
import org.citusingest.rows.ListBatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that break, before, at and after the commit: the rows are there once, or not. */
@Timeout(60)
class CommitTest {
    private static final int ROWS = 5_000;
    private static final int BATCH_BYTES = 10_000;

    private final TestDatabase database = TestDatabase.fresh();

    @BeforeEach
    void createTable() {
        database.execute("CREATE TABLE item (id int, word text)");
        new Ledger(database.dataSource()).install();
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct:split", "direct:whole"})
    void a_commit_that_took_place_but_was_not_acknowledged_is_a_load(String endpoint) {
        AtomicInteger faults = new AtomicInteger();
        try (TestRoutes routes =
                routes(
                        onCommit(
                                faults,
                                connection -> {
                                    connection.commit();
                                    throw new SQLException("connection reset", "08006");
                                }))) {
            assertThat(routes.load(endpoint, "k", rows()).rowsCopied()).isEqualTo(ROWS);
            assertThat(routes.load(endpoint, "k", rows()).alreadyLoaded()).isTrue();
            assertThat(routes.connectionsInUse()).isZero();
        }
        assertThat(faults).hasValue(1);
        assertThat(database.count("item")).isEqualTo(ROWS);
        assertThat(database.rows("SELECT state, attempts, rows_copied FROM citus_ingest.load"))
                .containsExactly("loaded|1|" + ROWS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct:split", "direct:whole"})
    void a_commit_that_fails_before_it_takes_effect_is_no_load(String endpoint) {
        AtomicInteger faults = new AtomicInteger();
        try (TestRoutes routes =
                routes(
                        onCommit(
                                faults,
                                connection -> {
                                    connection.rollback();
                                    throw new SQLException("connection reset", "08006");
                                }))) {
            Exception failure = routes.failure(endpoint, "k", rows());

            assertThat(Failure.isPermanent(failure)).isFalse();
            assertThat(database.count("item")).isZero();
            assertThat(database.rows("SELECT state FROM citus_ingest.load"))
                    .containsExactly("failed");
            assertThat(routes.load(endpoint, "k", rows()).rowsCopied()).isEqualTo(ROWS);
            assertThat(routes.connectionsInUse()).isZero();
        }
        assertThat(database.count("item")).isEqualTo(ROWS);
    }

    @Test
    void the_outcome_of_a_commit_that_is_still_on_its_way_is_waited_for() throws Exception {
        AtomicInteger looks = new AtomicInteger();
        Ledger ledger =
                new Ledger(
                        FaultyDataSource.of(
                                database.dataSource(),
                                (method, sql, connection) -> {
                                    if (sql.startsWith("SELECT state = 'loaded'")) {
                                        looks.incrementAndGet();
                                    }
                                }));
        Claim claim = ((ClaimOutcome.Claimed) ledger.claimKey("p", "k")).claim();
        try (Connection publishing = database.dataSource().getConnection()) {
            publishing.setAutoCommit(false);
            ledger.publish(publishing, claim, new Publication(List.of(), 1, 0, Optional.empty()));
            CompletableFuture<Boolean> published =
                    CompletableFuture.supplyAsync(() -> ledger.published(claim));
            await().until(() -> looks.get() > 2);
            assertThat(published).isNotDone();

            publishing.commit();

            assertThat(published.get(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_process_that_lost_its_lease_publishes_nothing() throws Exception {
        Duration lease = Duration.ofMillis(300);
        Ledger zombie = new Ledger(database.dataSource(), "zombie", lease);
        Claim lost = ((ClaimOutcome.Claimed) zombie.claimKey("split", "k")).claim();
        ClaimedLoads late =
                new ClaimedLoads(List.of(lost), zombie, database.dataSource()::getConnection, true);
        zombie.close();
        try (TestRoutes routes = routes(database.dataSource())) {
            CitusEndpoint endpoint =
                    routes.context().getEndpoint("citus:item", CitusEndpoint.class);
            late.copy(endpoint, ListBatch.of(List.of(Map.of("id", 1, "word", "zombie")), 0, 1));
            await().until(
                            () ->
                                    database.ask(
                                                    "SELECT lease_until < now() FROM citus_ingest.load")
                                            .equals("t"));
            assertThat(routes.load("direct:split", "k", rows()).rowsCopied()).isEqualTo(ROWS);

            // Whoever took the load over has ended the transaction of the one that lost it.
            assertThat(catchException(() -> late.publish(1))).isNotNull();
            late.abort(new IllegalStateException("lost"));
        }
        assertThat(database.rows("SELECT DISTINCT word FROM item")).containsExactly("w");
        assertThat(database.rows("SELECT state, attempts, rows_copied FROM citus_ingest.load"))
                .containsExactly("loaded|2|" + ROWS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"direct:split", "direct:whole"})
    void a_connection_that_is_killed_in_the_middle_loses_nothing_for_good(String endpoint)
            throws Exception {
        CountDownLatch halfway = new CountDownLatch(1);
        CountDownLatch killed = new CountDownLatch(1);
        RowStream source =
                new RowStream(
                        "id,word",
                        100_000,
                        id -> {
                            if (id == 50_000) {
                                halfway.countDown();
                                arrive(killed);
                            }
                            return id + ",w";
                        });
        try (TestRoutes routes = routes(database.dataSource())) {
            CompletableFuture<Exception> failure =
                    CompletableFuture.supplyAsync(() -> routes.failure(endpoint, "k", source));
            arrive(halfway);
            await().until(
                            () ->
                                    database.rows(
                                                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                                            + " WHERE query LIKE 'COPY %' AND pid <> pg_backend_pid()"
                                                            + " AND datname = current_database()")
                                            .contains("t"));
            killed.countDown();

            Exception told = failure.get(30, TimeUnit.SECONDS);
            assertThat(Failure.isPermanent(told)).isFalse();
            assertThat(Failure.oneLine(told)).startsWith("k in rows 1 to ");
            assertThat(database.count("item")).isZero();
            assertThat(database.rows("SELECT state FROM citus_ingest.load"))
                    .containsExactly("failed");
            assertThat(routes.load(endpoint, "k", rows()).rowsCopied()).isEqualTo(ROWS);
            assertThat(routes.connectionsInUse()).isZero();
        }
        assertThat(database.count("item")).isEqualTo(ROWS);
    }

    @Test
    void a_connection_that_breaks_at_the_start_of_a_load_goes_back_to_the_pool() {
        AtomicInteger left = new AtomicInteger(50);
        DataSource faulty =
                FaultyDataSource.of(
                        database.dataSource(),
                        (method, sql, connection) -> {
                            if (method.equals("createStatement")
                                    && !connection.getAutoCommit()
                                    && left.getAndDecrement() > 0) {
                                throw new SQLException("too many locks", "53200");
                            }
                        });
        try (TestRoutes routes = routes(faulty)) {
            for (int i = 0; i < 50; i++) {
                routes.failure("direct:split", "k", "id,word\n1,w\n");
            }
            assertThat(routes.connectionsInUse()).isZero();
            assertThat(routes.load("direct:split", "k", "id,word\n1,w\n").rowsCopied()).isOne();
        }
    }

    @Test
    void a_load_goes_on_when_another_one_into_its_table_fails() throws Exception {
        CountDownLatch halfway = new CountDownLatch(1);
        CountDownLatch failed = new CountDownLatch(1);
        RowStream source =
                new RowStream(
                        "id,word",
                        20_000,
                        id -> {
                            if (id == 10_000) {
                                halfway.countDown();
                                arrive(failed);
                            }
                            return id + ",w";
                        });
        try (TestRoutes routes = routes(database.dataSource())) {
            CompletableFuture<LoadTotals> good =
                    CompletableFuture.supplyAsync(() -> routes.load("direct:split", "a", source));
            arrive(halfway);
            routes.failure("direct:split", "b", "id,word\nx,w\n");
            failed.countDown();

            assertThat(good.get(30, TimeUnit.SECONDS).rowsCopied()).isEqualTo(20_000);
        }
        assertThat(database.rows("SELECT range_from, rows_copied FROM citus_ingest.batch"))
                .containsExactly("0|20000");
    }

    @Test
    void lists_that_overtake_each_other_are_all_loaded() throws Exception {
        CountDownLatch last = new CountDownLatch(1);
        RouteBuilder overtaking =
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:lists")
                                .routeId("lists")
                                .split(simple("${collate(3)}"))
                                .streaming()
                                .parallelProcessing()
                                .executorService("copy")
                                .aggregationStrategy("#loadResult")
                                .filter(exchange -> arriveFirst(exchange, last))
                                .to("citus:item?columns=id,word")
                                .process(exchange -> last.countDown())
                                .end();
                    }
                };
        try (TestRoutes routes = TestRoutes.of(database.dataSource(), overtaking)) {
            List<List<Object>> rows = new ArrayList<>();
            for (int i = 1; i <= 5; i++) {
                rows.add(List.of(i, "w"));
            }

            assertThat(routes.load("direct:lists", "k", rows).rowsCopied()).isEqualTo(5);
        }
        assertThat(
                        database.rows(
                                "SELECT sum(range_to - range_from), sum(rows_copied) FROM citus_ingest.batch"))
                .containsExactly("5|5");
    }

    /** The first list waits until the last one has been copied. */
    private static boolean arriveFirst(Exchange exchange, CountDownLatch last) {
        if (exchange.getProperty("CamelSplitIndex", Integer.class) == 0) {
            arrive(last);
        }
        return true;
    }

    private static void arrive(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private interface Commit {
        void of(Connection connection) throws SQLException;
    }

    /** Replaces the first commit of a load. */
    private DataSource onCommit(AtomicInteger faults, Commit commit) {
        return FaultyDataSource.of(
                database.dataSource(),
                (method, sql, connection) -> {
                    if (method.equals("commit") && faults.getAndIncrement() == 0) {
                        commit.of(connection);
                    }
                });
    }

    private static TestRoutes routes(DataSource dataSource) {
        return TestRoutes.of(
                dataSource,
                TestRoutes.split(BATCH_BYTES, "item"),
                TestRoutes.whole(BATCH_BYTES, "item"));
    }

    private static RowStream rows() {
        return new RowStream("id,word", ROWS, id -> id + ",w");
    }
}
