package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.citusingest.FaultyDataSource;
import org.citusingest.TestDatabase;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.ClaimOutcome;
import org.citusingest.ledger.Ledger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads with {@code publish=batch} that are interrupted, and go on where they were. */
@Timeout(60)
class ResumeTest {
    private static final int ROWS = 5_000;
    private static final String TABLE = "item?publish=batch&maxRejects=100";

    private final TestDatabase database = TestDatabase.fresh();

    @BeforeEach
    void createTable() {
        database.execute("CREATE TABLE item (id int, word text, _load_id bigint)");
        new Ledger(database.dataSource()).install();
    }

    private static RowStream rows(int brokenAt) {
        return new RowStream(
                "id,word",
                ROWS,
                id -> {
                    if (id == brokenAt) {
                        throw new UncheckedIOException(new IOException("connection reset"));
                    }
                    // Every 500th row is a bad one.
                    return (id % 500 == 0 ? "x" : "") + id + ",w" + id;
                });
    }

    private void assertAllIn() {
        assertThat(database.ask("SELECT count(*), count(DISTINCT id) FROM item"))
                .isEqualTo((ROWS - 10) + "|" + (ROWS - 10));
        assertThat(
                        database.rows(
                                "SELECT row_number FROM citus_ingest.reject WHERE published ORDER BY 1"))
                .containsExactly(
                        "500", "1000", "1500", "2000", "2500", "3000", "3500", "4000", "4500",
                        "5000");
        assertThat(database.rows("SELECT state, rows_copied, rows_rejected FROM citus_ingest.load"))
                .containsExactly("loaded|%d|10".formatted(ROWS - 10));
        // Without a gap and without an overlap, from the first byte to the last.
        assertThat(
                        database.rows(
                                "SELECT range_from = lag(range_to, 1, 0::bigint) OVER (ORDER BY range_from),"
                                        + " sum(rows_copied + rows_rejected) OVER () FROM citus_ingest.batch"))
                .allMatch(("t|" + ROWS)::equals);
    }

    @ParameterizedTest
    @CsvSource({
        "direct:split,2500,10000",
        "direct:whole,2500,10000",
        "direct:split,4999,3000",
        "direct:whole,1200,50000",
        "direct:split,3333,7777"
    })
    void an_interrupted_load_goes_on_with_what_is_missing_whatever_the_batches(
            String endpoint, int brokenAt, int nextBatchBytes) {
        try (TestRoutes first = routes(10_000)) {
            assertThat(first.failure(endpoint, "k", rows(brokenAt)))
                    .hasStackTraceContaining("connection reset");
        }
        long committed = database.count("item");
        assertThat(committed).isLessThan(ROWS);
        if (brokenAt > 4_000) {
            // More batches than threads and places in the queue: some must have been committed.
            assertThat(committed).isPositive();
        }
        // A reader that fails before the first batch has come to its table leaves no load.
        assertThat(List.of("failed"))
                .containsAll(database.rows("SELECT state FROM citus_ingest.load"));

        try (TestRoutes second = routes(nextBatchBytes)) {
            LoadTotals totals = second.load(endpoint, "k", rows(0));

            assertThat(totals.rowsCopied()).isEqualTo(ROWS - 10);
            assertThat(totals.rowsRejected()).isEqualTo(10);
            assertThat(second.connectionsInUse()).isZero();
        }
        assertAllIn();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void a_load_that_is_interrupted_again_and_again_ends_with_the_rows_of_the_file(long seed) {
        Random random = new Random(seed);
        for (int brokenAt = 1; brokenAt < ROWS; brokenAt += 200 + random.nextInt(1_000)) {
            try (TestRoutes routes = routes(1_000 + random.nextInt(20_000))) {
                routes.failure("direct:split", "k", rows(brokenAt));
            }
        }
        try (TestRoutes routes = routes(5_000)) {
            routes.load("direct:split", "k", rows(0));
        }
        assertAllIn();
    }

    @Test
    void a_commit_whose_answer_is_lost_is_not_repeated() {
        AtomicInteger commits = new AtomicInteger();
        FaultyDataSource.Fault lost =
                (method, sql, connection) -> {
                    if (method.equals("commit") && commits.incrementAndGet() == 4) {
                        connection.commit();
                        throw new java.sql.SQLException("connection reset", "08006");
                    }
                };
        try (TestRoutes routes =
                TestRoutes.of(
                        FaultyDataSource.of(database.dataSource(), lost),
                        TestRoutes.whole(10_000, TABLE))) {
            routes.failure("direct:whole", "k", rows(0));
            routes.load("direct:whole", "k", rows(0));
        }
        assertAllIn();
    }

    @Test
    void lists_are_resumed_by_the_numbers_of_their_rows() {
        RouteBuilder lists =
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:lists")
                                .routeId("lists")
                                .split(simple("${collate(7)}"))
                                .streaming()
                                .parallelProcessing()
                                .executorService("copy")
                                .aggregationStrategy("#loadResult")
                                .to("citus:item?publish=batch");
                    }
                };
        List<Object> rows = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            rows.add(Map.of("id", i, "word", "w" + i));
        }
        List<Object> broken = new ArrayList<>(rows);
        broken.set(60, Map.of("id", "bad", "word", "w"));
        try (TestRoutes routes = TestRoutes.of(database, lists)) {
            routes.failure("direct:lists", "k", broken);
            await().until(() -> routes.connectionsInUse() == 0);

            assertThat(routes.load("direct:lists", "k", rows).rowsCopied()).isEqualTo(100);
        }
        assertThat(database.ask("SELECT count(*), count(DISTINCT id) FROM item"))
                .isEqualTo("100|100");
    }

    @Test
    void too_many_rejected_rows_end_the_load_and_say_what_stays() {
        try (TestRoutes routes =
                TestRoutes.of(
                        database, TestRoutes.whole(10_000, "item?publish=batch&maxRejects=4"))) {
            assertThat(routes.failure("direct:whole", "k", rows(0)))
                    .isInstanceOf(CopyException.class)
                    .hasMessageMatching(
                            "k: [5-9] rows were rejected, maxRejects=4 allows no more.*")
                    .hasMessageContaining("The batches before stay in public.item")
                    .hasMessageContaining("unload --load 1");
        }
        assertThat(database.rows("SELECT state FROM citus_ingest.load")).containsExactly("failed");
        assertThat(
                        database.rows(
                                "SELECT count(*) > 0 FROM citus_ingest.reject WHERE NOT published"))
                .containsExactly("t");
    }

    @Test
    void the_batches_of_a_source_that_is_gone_are_removed_again() {
        Ledger ledger = new Ledger(database.dataSource());
        try (TestRoutes routes = routes(10_000)) {
            routes.failure("direct:whole", "k", rows(4_999));
        }
        assertThat(database.count("item")).isPositive();
        Claim claim = ((ClaimOutcome.Claimed) ledger.claimKey("whole", "k")).claim();

        assertThat(ledger.discard(claim, "overwritten before it was read")).isTrue();

        assertThat(database.count("item")).isZero();
        assertThat(database.count("citus_ingest.batch")).isZero();
        assertThat(database.rows("SELECT state, rows_copied, error FROM citus_ingest.load"))
                .containsExactly("skipped|0|overwritten before it was read");
        ledger.close();
    }

    @Test
    void where_they_cannot_be_removed_the_load_has_failed_and_says_what_is_left() {
        Ledger ledger = new Ledger(database.dataSource());
        database.execute("ALTER TABLE item DROP COLUMN _load_id");
        try (TestRoutes routes = routes(10_000)) {
            routes.failure("direct:whole", "k", rows(4_999));
        }
        Claim claim = ((ClaimOutcome.Claimed) ledger.claimKey("whole", "k")).claim();

        ledger.discard(claim, "deleted before it was read");

        assertThat(database.rows("SELECT state, error FROM citus_ingest.load"))
                .singleElement(org.assertj.core.api.InstanceOfAssertFactories.STRING)
                .startsWith(
                        "failed|deleted before it was read; The table item has no column _load_id");
        ledger.close();
    }

    private TestRoutes routes(int batchBytes) {
        return TestRoutes.of(
                database, TestRoutes.split(batchBytes, TABLE), TestRoutes.whole(batchBytes, TABLE));
    }
}
