package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import org.citusingest.demo.Roles;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** deploy/roles.sql on every node of a cluster, run on its coordinator. */
@Tag("citus")
class RolesCitusTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();

    private static TestDatabase database;
    private static TestDatabase loader;

    @TempDir private Path folder;

    @BeforeAll
    static void createTables() {
        database = CITUS.database();
        assumeTrue(
                database.ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                        .equals("t"),
                "The role that CITUS_TEST_URL names is no superuser: it can make no roles");
        database.execute(RolesTest.TABLES);
        database.execute(
                "ALTER TABLE item DROP COLUMN number",
                "SELECT create_distributed_table('item', 'name', shard_count => 8)",
                "SELECT create_distributed_table('item_total', 'name', colocate_with => 'item')",
                "SELECT create_distributed_table('private', 'id', shard_count => 8)");
        loader = CITUS.loader("item_total", "private");
        // What the owner has besides, and the loader no right to.
        database.execute(
                "REVOKE ALL ON private FROM " + Roles.DEFAULT.loader(),
                "CREATE FUNCTION stranger() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "REVOKE ALL ON FUNCTION stranger() FROM PUBLIC",
                "CREATE SCHEMA IF NOT EXISTS other",
                "CREATE TABLE IF NOT EXISTS other.paper (id int)",
                "SELECT create_reference_table('other.paper') WHERE NOT EXISTS"
                        + " (SELECT FROM pg_dist_partition WHERE logicalrelid = 'other.paper'::regclass)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"shard", "any", "coordinator"})
    void the_loader_loads_summarizes_reloads_and_unloads(String entry) {
        Workspace workspace = new Workspace(folder, database);
        CITUS.use(workspace);
        String pipeline = CITUS.schema() + "-" + entry;
        workspace.route(
                "items.camel.yaml",
                """
                - route:
                    id: %s
                    from:
                      uri: blobs:%s
                      steps:
                        - unmarshal: { custom: { ref: delimited } }
                        - to:
                            uri: citus:%s.item
                            parameters: { entry: %s, maxRejects: 5, onRemove: "SELECT take_out_item(1, '')" }
                        - setBody: { constant: "SELECT citus_ingest.summarize('%1$s', 'SELECT rollup_item()')" }
                        - to: jdbc:citus
                """
                        .formatted(
                                pipeline,
                                workspace.container.getBlobContainerName(),
                                CITUS.schema(),
                                entry));
        StringBuilder csv = new StringBuilder("id,name\n-1,bad\n");
        IntStream.rangeClosed(1, 500)
                .forEach(i -> csv.append(i).append(",name ").append(i % 40).append('\n'));
        workspace.upload("a.csv", csv.toString());

        assertThat(workspace.run("check").out()).doesNotContain("wrong");
        assertThat(workspace.run("load"))
                .matches(run -> run.code() == 0, "loaded")
                .extracting(Workspace.Run::out)
                .asString()
                .contains("500 rows, 1 rejected");
        totalsAreThoseOf(500);
        String load =
                database.ask(
                        "SELECT id FROM citus_ingest.load WHERE pipeline = '" + pipeline + "'");
        assertThat(workspace.run("reload", "--load", load).code()).isZero();
        totalsAreThoseOf(0);
        assertThat(workspace.run("load").code()).isZero();
        totalsAreThoseOf(500);
        assertThat(workspace.run("unload", "--load", load).code()).isZero();
        totalsAreThoseOf(0);
    }

    private static void totalsAreThoseOf(int rows) {
        assertThat(database.count("item")).isEqualTo(rows);
        assertThat(database.rows("SELECT name, items FROM item_total ORDER BY 1"))
                .isEqualTo(database.rows("SELECT name, count(*) FROM item GROUP BY 1 ORDER BY 1"));
    }

    @Test
    void the_coordinator_refuses_the_loader_whatever_is_not_loading() throws SQLException {
        for (String statement : Forbidden.STATEMENTS) {
            Forbidden.isRefused(loader.dataSource(), statement);
        }
    }

    @Test
    void so_does_each_worker_that_it_connects_to() throws SQLException {
        List<String> workers =
                database.rows(
                        "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 AND noderole = 'primary'");
        assumeTrue(!workers.isEmpty(), "This Citus has no worker");
        for (String worker : workers) {
            TestDatabase node = at(worker);
            for (String statement : Forbidden.STATEMENTS) {
                Forbidden.isRefused(node.dataSource(), statement);
            }
            for (String shard : shards(worker, "item")) {
                Forbidden.isRefused(node.dataSource(), "UPDATE " + shard + " SET id = 9");
                Forbidden.isRefused(node.dataSource(), "TRUNCATE " + shard);
            }
            for (String shard : shards(worker, "private")) {
                Forbidden.isRefused(node.dataSource(), "SELECT * FROM " + shard);
                Forbidden.isRefused(node.dataSource(), "INSERT INTO " + shard + " VALUES (1)");
            }
        }
    }

    private static TestDatabase at(String address) {
        PGSimpleDataSource own = (PGSimpleDataSource) loader.dataSource();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(own.getURL());
        String[] parts = address.split("\\|", -1);
        source.setServerNames(new String[] {parts[0]});
        source.setPortNumbers(new int[] {Integer.parseInt(parts[1])});
        source.setUser(own.getUser());
        source.setPassword(own.getPassword());
        // Citus refuses such things here before it asks who may, unless one says so: anybody can.
        source.setOptions(
                "-c citus.enable_ddl_propagation=off -c citus.enable_manual_changes_to_shards=on");
        return new TestDatabase(source);
    }

    private static List<String> shards(String worker, String table) {
        return database.rows(
                "SELECT shard_name FROM citus_shards WHERE table_name = '%s'::regclass AND nodename || '|' || nodeport = '%s'"
                        .formatted(table, worker));
    }

    @Test
    void the_cluster_stays_as_it_is() throws SQLException {
        for (String statement :
                List.of(
                        "SELECT create_distributed_table('private', 'id')",
                        "SELECT undistribute_table('item')",
                        "SELECT citus_move_shard_placement((SELECT min(shardid) FROM pg_dist_shard WHERE logicalrelid = 'item'::regclass), 1, 2)",
                        "SELECT citus_remove_node('localhost', 1)",
                        "SELECT citus_add_node('localhost', 1)",
                        "DELETE FROM pg_dist_placement",
                        "UPDATE pg_dist_node SET nodeport = 1",
                        "SELECT recover_prepared_transactions()",
                        "SELECT * FROM pg_dist_authinfo")) {
            Forbidden.isRefused(loader.dataSource(), statement);
        }
        // Whatever it sends to the workers is done as the same role.
        assertThat(
                        loader.rows(
                                "SELECT success, result FROM run_command_on_workers('CREATE TABLE mine (id int)')"))
                .allMatch(
                        answer -> answer.startsWith("f|") && answer.contains("permission denied"));
    }
}
