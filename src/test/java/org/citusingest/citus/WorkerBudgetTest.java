package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.citusingest.CitusServer;
import org.citusingest.TestDatabase;
import org.citusingest.ledger.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Loads into a Citus whose workers have few connections left. */
@Tag("citus")
@Timeout(180)
class WorkerBudgetTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();

    private static final int BATCH_BYTES = 500_000;

    /** More than goes by one lane. */
    private static final int ROWS = 1_000_000;

    private static TestDatabase database;
    private static PGSimpleDataSource worker;
    private static int loads;
    private static int roles;
    private Crowd crowd;

    @BeforeAll
    static void createTable() {
        database = CITUS.database();
        assumeTrue(
                database.ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                        .equals("t"),
                "The role that CITUS_TEST_URL names is no superuser: it can limit no other one");
        List<String> workers =
                database.rows(
                        "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 AND noderole = 'primary'");
        assumeTrue(!workers.isEmpty(), "This Citus has no worker");
        String[] address = workers.get(0).split("\\|", -1);
        PGSimpleDataSource own = (PGSimpleDataSource) database.dataSource();
        worker = new PGSimpleDataSource();
        worker.setServerNames(new String[] {address[0]});
        worker.setPortNumbers(new int[] {Integer.parseInt(address[1])});
        worker.setDatabaseName(own.getDatabaseName());
        worker.setUser(own.getUser());
        worker.setPassword(own.getPassword());
        database.execute(
                "CREATE TABLE item (id int, word text, _load_id bigint)",
                "SELECT create_distributed_table('item', 'id')");
    }

    @BeforeEach
    void createRole() {
        database.execute("TRUNCATE item");
        PGSimpleDataSource loader = (PGSimpleDataSource) CITUS.loader().dataSource();
        crowd = new Crowd(database, CITUS.schema() + "_few_" + ++roles, loader.getUser());
    }

    @AfterEach
    void dropRole() throws SQLException {
        crowd.close();
    }

    /** On one of the workers. */
    private void limit(int connections) {
        new TestDatabase(worker)
                .execute(
                        "SET citus.enable_alter_role_propagation = off",
                        "ALTER ROLE %s CONNECTION LIMIT %d"
                                .formatted(crowd.source().getUser(), connections));
    }

    private TestRoutes routes(String entry) {
        return TestRoutes.of(
                crowd.source(), TestRoutes.split(BATCH_BYTES, "item?lanes=4&entry=" + entry));
    }

    private static RowStream rows() {
        return new RowStream("id,word", ROWS, id -> id + ",word " + id);
    }

    private static void load(TestRoutes routes) {
        try {
            LoadTotals totals = routes.load("direct:split", key(), rows());

            assertThat(totals.rowsCopied()).isEqualTo(ROWS);
            assertThat(database.count("item")).isEqualTo(ROWS);
        } finally {
            forget();
        }
    }

    private static String key() {
        return CITUS.schema() + "/few/" + ++loads;
    }

    /** So that the loads are found among those of these tests, and taken away after them. */
    private static void forget() {
        database.execute(
                "UPDATE citus_ingest.load SET pipeline = '%1$s' WHERE blob LIKE '%1$s/%%'"
                        .formatted(CITUS.schema()));
    }

    @ParameterizedTest
    @CsvSource({
        // All by one lane.
        "coordinator, 1, 0",
        // There would be another lane, and no room for it at the worker.
        "coordinator, 4, 3",
        "any, 4, 3"
    })
    void a_load_goes_on_with_the_lanes_that_the_workers_take(String entry, int limit, int others)
            throws SQLException {
        limit(limit);
        crowd.hold(worker, others);
        try (TestRoutes routes = routes(entry)) {
            load(routes);

            assertThat(routes.connectionsInUse()).isZero();
        }
    }

    @Test
    void a_load_that_a_worker_has_no_connection_for_has_met_an_outage() throws SQLException {
        limit(4);
        crowd.hold(worker, 4);
        try (TestRoutes routes = routes("coordinator")) {
            Exception failure = routes.failure("direct:split", key(), rows());

            assertThat(Failure.isPassing(failure)).as(Failure.oneLine(failure)).isTrue();
            crowd.leave();
            load(routes);
        } finally {
            forget();
        }
    }

    @Test
    void the_room_of_every_worker_is_known() throws SQLException {
        limit(3);
        try (Connection connection = crowd.source().getConnection()) {
            List<ServerRoom> rooms = ServerRoom.read(connection);

            assertThat(rooms.get(0).worker()).isNull();
            assertThat(rooms.subList(1, rooms.size()))
                    .extracting(ServerRoom::worker)
                    .containsExactlyInAnyOrderElementsOf(
                            database.rows(
                                    "SELECT nodename || ':' || nodeport FROM pg_dist_node"
                                            + " WHERE groupid > 0 AND noderole = 'primary'"));
            assertThat(rooms)
                    .contains(
                            new ServerRoom(
                                    worker.getServerNames()[0] + ":" + worker.getPortNumbers()[0],
                                    3));
        }
    }
}
