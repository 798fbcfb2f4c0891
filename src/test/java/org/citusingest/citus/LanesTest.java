package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.citusingest.FaultyDataSource;
import org.citusingest.TestDatabase;
import org.citusingest.ledger.Ledger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads with {@code publish=load} that are copied through several connections. */
@Timeout(60)
class LanesTest {
    private static final int BATCH_BYTES = 500_000;

    /** More than a lane sends before it waits for the server. */
    private static final int ROWS = 700_000;

    /** After the batches that every load sends through one lane. */
    private static final int STANDING = 200_000;

    private static final int EACH_BAD = 100_000;
    private static final String SESSIONS =
            "pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'citus-ingest load %'";

    private final TestDatabase database = TestDatabase.fresh();

    @BeforeEach
    void createTable() {
        database.execute(
                """
                CREATE FUNCTION stand() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                    PERFORM pg_advisory_xact_lock_shared(1);
                    RETURN true;
                END $$
                """,
                "CREATE TABLE item (id int CHECK (id <> %d OR stand()), word text, _load_id bigint)"
                        .formatted(STANDING + 1));
        new Ledger(database.dataSource()).install();
    }

    private static RowStream rows() {
        return new RowStream(
                "id,word", ROWS, id -> (id % EACH_BAD == 0 ? "x" : "") + id + ",word " + id);
    }

    /** Loads while the server stands still in one lane until the load has so many sessions. */
    private Exchange load(DataSource source, String options, int sessions) throws SQLException {
        try (TestRoutes routes =
                        TestRoutes.of(
                                source,
                                TestRoutes.split(BATCH_BYTES, "item?maxRejects=10" + options));
                Connection other = database.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(1)");
            CompletableFuture<Exchange> load =
                    CompletableFuture.supplyAsync(() -> routes.send("direct:split", "k", rows()));
            await().atMost(Duration.ofSeconds(30))
                    .until(
                            () ->
                                    database.count(
                                                            "pg_locks WHERE locktype = 'advisory' AND NOT granted")
                                                    > 0
                                            && database.count(SESSIONS) >= sessions);
            statement.execute("SELECT pg_advisory_unlock(1)");
            Exchange loaded = load.join();
            assertThat(routes.connectionsInUse()).isZero();
            return loaded;
        }
    }

    private void assertAllIn() {
        int bad = ROWS / EACH_BAD;
        assertThat(
                        database.rows(
                                "SELECT count(*), count(DISTINCT id), count(DISTINCT _load_id) FROM item"))
                .containsExactly("%1$d|%1$d|1".formatted(ROWS - bad));
        assertThat(database.count("citus_ingest.reject WHERE published")).isEqualTo(bad);
        assertThat(database.rows("SELECT state, rows_copied, rows_rejected FROM citus_ingest.load"))
                .containsExactly("loaded|%d|%d".formatted(ROWS - bad, bad));
        assertThat(
                        database.rows(
                                "SELECT DISTINCT range_from = lag(range_to, 1, 0::bigint) OVER (ORDER BY range_from),"
                                        + " sum(rows_copied + rows_rejected) OVER () FROM citus_ingest.batch"))
                .containsExactly("t|" + ROWS);
    }

    private int transactions() {
        return (int) database.count("(SELECT DISTINCT xmin::text FROM citus_ingest.batch) AS one");
    }

    @Test
    void a_large_load_has_another_lane_where_the_first_is_busy() throws Exception {
        Exchange load = load(database.dataSource(), "", 2);

        assertThat(load.getException()).isNull();
        assertAllIn();
        assertThat(transactions()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PRIMARY KEY (id)", "EXCLUDE USING hash (id WITH =)"})
    void a_table_whose_rows_may_wait_for_each_other_has_one_lane(String constraint)
            throws Exception {
        database.execute("ALTER TABLE item ADD " + constraint);

        assertThat(load(database.dataSource(), "", 1).getException()).isNull();

        assertAllIn();
        assertThat(database.rows("SELECT range_from FROM citus_ingest.batch")).hasSize(1);
    }

    @Test
    void a_load_has_one_lane_where_it_is_told_to() throws Exception {
        assertThat(load(database.dataSource(), "&lanes=1", 1).getException()).isNull();

        assertAllIn();
        assertThat(transactions()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_one_lane_has_committed_is_not_loaded_again_when_the_other_one_fails(
            boolean answerLost) throws Exception {
        AtomicInteger commits = new AtomicInteger();
        DataSource failing =
                FaultyDataSource.of(
                        database.dataSource(),
                        (method, sql, connection) -> {
                            // Of the two lanes; the ledger's own transactions have another name.
                            if (method.equals("commit")
                                    && isLane(connection)
                                    && commits.incrementAndGet() == (answerLost ? 1 : 2)) {
                                if (answerLost) {
                                    connection.commit();
                                }
                                throw new SQLException("connection reset", "08006");
                            }
                        });
        Exchange failed = load(failing, "", 2);
        assertThat(failed.getException())
                .hasMessageContaining("The ledger knows which of its rows are in its tables");
        long committed = database.count("item");
        assertThat(committed).isPositive().isLessThan(ROWS - 10);

        try (TestRoutes routes =
                TestRoutes.of(database, TestRoutes.split(70_000, "item?maxRejects=10"))) {
            LoadTotals totals = routes.load("direct:split", "k", rows());

            assertThat(totals.rowsCopied()).isEqualTo(ROWS - ROWS / EACH_BAD);
        }
        assertAllIn();
    }

    private static boolean isLane(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var row = statement.executeQuery("SHOW application_name")) {
            row.next();
            return row.getString(1).startsWith("citus-ingest load");
        }
    }
}
