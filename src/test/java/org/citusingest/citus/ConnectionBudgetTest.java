package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.citusingest.TestDatabase;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads on a server that has few connections left. */
@Timeout(120)
class ConnectionBudgetTest {
    private static final int BATCH_BYTES = 500_000;

    /** More than goes by one lane. */
    private static final int ROWS = 1_500_000;

    private final TestDatabase database = TestDatabase.fresh();
    private Crowd crowd;

    @BeforeEach
    void createRole() {
        crowd = new Crowd(database, "few_" + Long.toString(System.nanoTime(), 36), "postgres");
        database.execute("CREATE TABLE item (id int, word text, _load_id bigint)");
        new Ledger(database.dataSource()).install();
    }

    @AfterEach
    void dropRole() throws SQLException {
        crowd.close();
    }

    private void limit(int connections) {
        database.execute(
                "ALTER ROLE %s CONNECTION LIMIT %d"
                        .formatted(crowd.source().getUser(), connections));
    }

    private TestRoutes routes() {
        return TestRoutes.of(crowd.source(), TestRoutes.split(BATCH_BYTES, "item?lanes=4"));
    }

    private static RowStream rows() {
        return new RowStream("id,word", ROWS, id -> id + ",word " + id);
    }

    private void assertAllIn(LoadTotals totals) {
        assertThat(totals.rowsCopied()).isEqualTo(ROWS);
        assertThat(database.count("item")).isEqualTo(ROWS);
    }

    private long lanes() {
        return database.count("(SELECT DISTINCT xmin::text FROM citus_ingest.batch) AS one");
    }

    @Test
    void a_load_has_no_more_lanes_than_half_of_what_the_server_gives() {
        limit(5);
        try (TestRoutes routes = routes()) {
            assertAllIn(routes.load("direct:split", "k", rows()));

            assertThat(crowd.refusals()).isZero();
            assertThat(lanes()).isEqualTo(2);
        }
    }

    @Test
    void a_load_goes_on_with_the_lanes_that_it_has_when_the_server_refuses_another()
            throws Exception {
        limit(6);
        try (TestRoutes routes = routes()) {
            crowd.hold(crowd.source(), 5);
            assertAllIn(routes.load("direct:split", "k", rows()));

            assertThat(crowd.refusals()).isPositive();
            assertThat(lanes()).isOne();
            assertThat(routes.connectionsInUse()).isZero();
        }
    }

    @Test
    void a_load_waits_for_its_first_connection() throws Exception {
        limit(4);
        try (TestRoutes routes = routes()) {
            crowd.hold(crowd.source(), 4);
            CompletableFuture<LoadTotals> load =
                    CompletableFuture.supplyAsync(() -> routes.load("direct:split", "k", rows()));
            await().until(() -> routes.connectionsAwaited() > 0 && crowd.refusals() > 0);
            crowd.leave();

            assertAllIn(load.join());
        }
    }

    @Test
    void a_load_that_gets_no_connection_has_met_an_outage() throws Exception {
        limit(4);
        try (TestRoutes routes = routes()) {
            crowd.hold(crowd.source(), 4);
            assertThat(Failure.isPassing(routes.failure("direct:split", "k", rows()))).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, -1})
    void the_room_of_a_server_is_the_least_of_its_limits(int limit) throws SQLException {
        limit(limit);
        int all =
                Integer.parseInt(
                        database.ask(
                                "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
                                        + " - current_setting('reserved_connections')::int"));
        try (Connection connection = crowd.source().getConnection()) {
            assertThat(ServerRoom.read(connection))
                    .containsExactly(new ServerRoom(null, limit < 0 ? all : limit));
        }
    }
}
