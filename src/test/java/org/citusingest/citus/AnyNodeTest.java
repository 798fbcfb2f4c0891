package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.citusingest.CitusServer;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Rows that go by every node of a real Citus. */
@Tag("citus")
@Timeout(180)
class AnyNodeTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();

    private static final int BATCH_BYTES = 300_000;

    /** More than goes by one lane. */
    private static final int ROWS = 800_000;

    private static final int EACH_BAD = 100_000;

    private static TestDatabase database;
    private static TestDatabase loader;
    private static List<Integer> groups;

    @BeforeAll
    static void createTables() {
        database = CITUS.database();
        groups =
                database
                        .rows(
                                "SELECT groupid FROM pg_dist_node WHERE isactive AND noderole = 'primary' ORDER BY 1")
                        .stream()
                        .map(Integer::valueOf)
                        .toList();
        assumeTrue(groups.size() > 2, "This Citus has less than two workers");
        database.execute(
                "CREATE TABLE item (id int, word text, _load_id bigint)",
                "SELECT create_distributed_table('item', 'id')",
                "CREATE TABLE everywhere (id int, word text, _load_id bigint)",
                "SELECT create_reference_table('everywhere')",
                "CREATE TABLE local (id int, word text, _load_id bigint)",
                "CREATE TABLE managed (id int)",
                "SELECT citus_add_local_table_to_metadata('managed')",
                "CREATE TABLE counted (id int, number bigserial)",
                "SELECT create_distributed_table('counted', 'id')");
        loader = CITUS.loader();
    }

    @BeforeEach
    void empty() {
        database.execute("TRUNCATE item", "TRUNCATE everywhere", "TRUNCATE local");
    }

    private static RowStream rows(int count) {
        return new RowStream(
                "id,word", count, id -> (id % EACH_BAD == 0 ? "x" : "") + id + ",word " + id);
    }

    private static LoadTotals load(String table, int rows) {
        try (TestRoutes routes =
                TestRoutes.of(
                        CITUS.loader(),
                        TestRoutes.split(BATCH_BYTES, table + "&entry=any&maxRejects=10"))) {
            return routes.load("direct:split", CITUS.schema() + "/" + table, rows(rows));
        } finally {
            // So that the load is found among those of these tests, and taken away after them.
            database.execute(
                    "UPDATE citus_ingest.load SET pipeline = '%1$s' WHERE blob LIKE '%1$s/%%'"
                            .formatted(CITUS.schema()));
        }
    }

    /** The groups of the nodes by which ranges of the load were committed. */
    private static Set<String> committedBy(LoadTotals load) {
        return new TreeSet<>(
                database.rows(
                        "SELECT DISTINCT commit_group FROM citus_ingest.batch WHERE load_id = "
                                + load.loadId()));
    }

    private static void assertAllIn(String table, LoadTotals load, int rows) {
        int bad = rows / EACH_BAD;
        assertThat(
                        database.rows(
                                "SELECT count(*), count(DISTINCT id), count(DISTINCT _load_id) FROM "
                                        + table))
                .containsExactly("%1$d|%1$d|1".formatted(rows - bad));
        assertThat(
                        database.rows(
                                "SELECT state, rows_copied, rows_rejected, commit_xid FROM citus_ingest.load WHERE id = "
                                        + load.loadId()))
                .containsExactly("loaded|%d|%d|null".formatted(rows - bad, bad));
        assertThat(
                        database.count(
                                "citus_ingest.reject WHERE published AND load_id = "
                                        + load.loadId()))
                .isEqualTo(bad);
        assertThat(
                        database.rows(
                                "SELECT DISTINCT range_from = lag(range_to, 1, 0::bigint) OVER (ORDER BY range_from),"
                                        + " sum(rows_copied + rows_rejected) OVER () FROM citus_ingest.batch WHERE load_id = "
                                        + load.loadId()))
                .containsExactly("t|" + rows);
    }

    @Test
    void the_lanes_of_a_load_go_by_several_nodes_and_the_coordinator_publishes_it() {
        LoadTotals load = load("item?lanes=3", ROWS);

        assertAllIn("item", load, ROWS);
        // What is committed with the load itself says nothing of its own.
        assertThat(committedBy(load)).contains("null").hasSizeGreaterThan(1).doesNotContain("0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"item", "everywhere"})
    void each_node_commits_batches_in_its_turn(String table) {
        LoadTotals load = load(table + "?publish=batch", 150_000);

        assertAllIn(table, load, 150_000);
        assertThat(committedBy(load))
                .containsExactlyInAnyOrderElementsOf(groups.stream().map(String::valueOf).toList());
    }

    /** It is on no other node. */
    @ParameterizedTest
    @ValueSource(strings = {"load", "batch"})
    void a_local_table_takes_its_rows_by_the_coordinator(String publish) {
        LoadTotals load = load("local?publish=" + publish, 150_000);

        assertAllIn("local", load, 150_000);
    }

    @ParameterizedTest
    @CsvSource({
        "item, 'id,word', ",
        "everywhere, 'id,word', ",
        "local, 'id,word', the table is a local one",
        "managed, id, the table is a local one",
        "counted, id, 'the rows leave out the column number, whose numbers only the coordinator gives'",
        "counted, 'id,number', "
    })
    void other_nodes_take_the_rows_of_tables_that_they_know(
            String table, String columns, String reason) throws SQLException {
        try (Connection connection = loader.dataSource().getConnection()) {
            Table read = Table.read(connection, CITUS.schema() + "." + table);

            OtherNodes others =
                    OtherNodes.read(
                            connection,
                            read,
                            ColumnMapping.of(read, List.of(), MappingOptions.columns(columns)));

            assertThat(others.reason()).isEqualTo(reason);
            assertThat(others.nodes())
                    .extracting(ShardMap.Node::group)
                    .isEqualTo(reason == null ? groups.subList(1, groups.size()) : List.of());
        }
    }

    @Test
    void a_node_that_is_not_reached_is_asked_once_and_the_others_take_its_turns()
            throws SQLException {
        List<ShardMap.Node> nodes = others();
        ShardMap.Node lost = nodes.get(0);
        List<String> asked = new ArrayList<>();
        NodeTurns turns =
                new NodeTurns(
                        loader.dataSource()::getConnection,
                        (host, port) -> {
                            asked.add(host + ":" + port);
                            if (asked.get(asked.size() - 1).equals(lost.toString())) {
                                throw new SQLException("Connection refused", "08001");
                            }
                            return connect(host, port);
                        });

        List<Integer> reached = reach(turns, nodes, true, 2 * groups.size());

        assertThat(reached).doesNotContain(lost.group());
        assertThat(new TreeSet<>(reached)).hasSize(groups.size() - 1);
        assertThat(asked).containsOnlyOnce(lost.toString());
    }

    @Test
    void the_coordinator_takes_what_no_node_does() throws SQLException {
        NodeTurns turns =
                new NodeTurns(
                        loader.dataSource()::getConnection,
                        (host, port) -> {
                            throw new SQLException("Connection refused", "08001");
                        });

        assertThat(reach(turns, others(), false, 3)).containsExactly(0, 0, 0);
    }

    @Test
    void a_server_that_answers_for_another_takes_no_rows() throws SQLException {
        List<ShardMap.Node> nodes = others();
        ShardMap.Node last = nodes.get(nodes.size() - 1);
        NodeTurns turns =
                new NodeTurns(
                        loader.dataSource()::getConnection,
                        (host, port) -> connect(last.host(), last.port()));

        assertThat(new TreeSet<>(reach(turns, nodes, false, 2 * nodes.size())))
                .containsExactly(last.group());
    }

    private static List<Integer> reach(
            NodeTurns turns, List<ShardMap.Node> nodes, boolean andCoordinator, int times)
            throws SQLException {
        List<Integer> reached = new ArrayList<>();
        Table item;
        try (Connection connection = loader.dataSource().getConnection()) {
            item = Table.read(connection, CITUS.schema() + ".item");
        }
        for (int i = 0; i < times; i++) {
            try (Connection connection = turns.connect(item, nodes, andCoordinator);
                    var row =
                            connection
                                    .createStatement()
                                    .executeQuery("SELECT groupid FROM pg_dist_local_group")) {
                row.next();
                reached.add(row.getInt(1));
            }
        }
        return reached;
    }

    private static List<ShardMap.Node> others() throws SQLException {
        try (Connection connection = loader.dataSource().getConnection()) {
            Table item = Table.read(connection, CITUS.schema() + ".item");
            return OtherNodes.read(
                            connection,
                            item,
                            ColumnMapping.of(item, List.of(), MappingOptions.columns("id,word")))
                    .nodes();
        }
    }

    private static Connection connect(String host, int port) throws SQLException {
        PGSimpleDataSource source = (PGSimpleDataSource) loader.dataSource();
        return DriverManager.getConnection(
                "jdbc:postgresql://%s:%d/%s".formatted(host, port, source.getDatabaseName()),
                source.getUser(),
                source.getPassword());
    }

    /**
     * A shard that is on the node itself is filled by a COPY of its own, whose lines are others.
     */
    @Test
    void no_other_row_is_rejected_than_the_one_that_violates_a_constraint() {
        database.execute(
                "CREATE TABLE checked (id int CHECK (id > 0), word text, _load_id bigint)",
                "SELECT create_distributed_table('checked', 'id', shard_count => 4)");
        int rows = 40_000;
        int badEach = 500;
        RowStream source =
                new RowStream(
                        "id,word",
                        rows,
                        id -> (id % badEach == 0 ? -id : id) + ",some words of row " + id);
        LoadTotals load;
        try (TestRoutes routes =
                TestRoutes.of(
                        CITUS.loader(),
                        TestRoutes.split(
                                BATCH_BYTES,
                                "checked?publish=batch&entry=any&maxRejects=" + rows / badEach))) {
            load = routes.load("direct:split", CITUS.schema() + "/checked", source);
        }

        assertThat(
                        database.rows(
                                "SELECT count(*), count(*) FILTER (WHERE convert_from(raw, 'UTF8') LIKE '-%')"
                                        + " FROM citus_ingest.reject WHERE load_id = "
                                        + load.loadId()))
                .containsExactly("%1$d|%1$d".formatted(rows / badEach));
        assertThat(database.count("checked")).isEqualTo(rows - rows / badEach);
        database.execute(
                "UPDATE citus_ingest.load SET pipeline = '%1$s' WHERE blob LIKE '%1$s/%%'"
                        .formatted(CITUS.schema()));
    }
}
