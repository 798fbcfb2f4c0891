package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder of routes under {@code run}, a process of its own, with blobs and a database. */
class RouteFolderProcessTest {
    private static final int ROWS = 20_000;

    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder).items();
        workspace.database.execute("CREATE TABLE other (id int, name text)");
        workspace.database.execute(
                """
                CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    PERFORM pg_advisory_xact_lock(1);
                    RETURN NEW;
                END $$;
                CREATE TRIGGER gate BEFORE INSERT ON item FOR EACH ROW WHEN (NEW.id = 5000)
                    EXECUTE FUNCTION wait_at_gate()
                """);
    }

    private ChildApp start() {
        return ChildApp.start(folder, List.of("-Xmx256m"), Map.of(), workspace.arguments("run"));
    }

    private static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(assertion);
    }

    private static long lines(ChildApp child, String part) {
        return child.err().lines().filter(line -> line.contains(part)).count();
    }

    /** The route of the items, into another table, by this name. */
    private String otherRoute(String id) {
        return workspace
                .itemsRoute("")
                .replace("routeId: items", "routeId: " + id)
                .replace("items/**", id + "/**")
                .replace("value: item }", "value: other }");
    }

    private void uploadItems() {
        workspace.upload(
                "items/many.csv",
                IntStream.rangeClosed(1, ROWS)
                        .mapToObj(i -> i + ",item number " + i)
                        .collect(Collectors.joining("\n", "id,name\n", "\n")));
    }

    private Connection shutGate() throws SQLException {
        Connection connection = workspace.database.dataSource().getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(1)");
        }
        return connection;
    }

    @Test
    void files_are_dropped_broken_mended_and_removed_while_it_runs() throws Exception {
        workspace.route("bad.camel.yaml", "- route:\n    id: bad\n    nothing: x\n");
        try (ChildApp child = start()) {
            awaitThat(
                    () ->
                            assertThat(child.err())
                                    .contains("routes=[items]")
                                    .contains("bad.camel.yaml not loaded: "));
            assertThat(child.err()).contains("bad.camel.yaml:2:5: Unsupported field: nothing");

            workspace.upload("bad/a.csv", "id,name\n1,one\n");
            workspace.route("bad.camel.yaml", otherRoute("bad"));
            awaitThat(() -> assertThat(workspace.database.count("other")).isEqualTo(1));

            workspace.route("bad.camel.yaml", "- route: [\n");
            awaitThat(() -> assertThat(lines(child, "not taken, the routes [bad]")).isEqualTo(1));
            workspace.upload("bad/b.csv", "id,name\n2,two\n");
            awaitThat(() -> assertThat(workspace.database.count("other")).isEqualTo(2));

            Files.delete(workspace.routes.resolve("bad.camel.yaml"));
            awaitThat(() -> assertThat(lines(child, "bad.camel.yaml removed")).isEqualTo(1));
            workspace.upload("bad/c.csv", "id,name\n3,three\n");
            workspace.upload("items/c.csv", "id,name\n3,three\n");
            awaitThat(() -> assertThat(workspace.itemRows()).containsExactly("3|three"));
            child.terminate();

            assertThat(child.exitCode()).isZero();
            assertThat(lines(child, "items.camel.yaml")).isEqualTo(1);
        }
        assertThat(workspace.database.count("other")).isEqualTo(2);
    }

    @Test
    @SuppressWarnings("try") // the gate is opened before its scope ends
    void a_load_in_flight_ends_well_when_its_file_changes_and_other_files_start_meanwhile()
            throws Exception {
        uploadItems();
        workspace.upload("other/a.csv", "id,name\n1,one\n");
        try (Connection gate = shutGate();
                ChildApp child = start()) {
            awaitThat(
                    () ->
                            assertThat(
                                            workspace.database.count(
                                                    "pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
                                                            + " (SELECT oid FROM pg_database WHERE datname = current_database())"))
                                    .isEqualTo(1));
            workspace.route(
                    "items.camel.yaml", workspace.itemsRoute("").replace("\"200\"", "\"300\""));
            workspace.route("other.camel.yaml", otherRoute("other"));
            awaitThat(() -> assertThat(workspace.database.count("other")).isEqualTo(1));
            assertThat(lines(child, "routes=[items]")).isEqualTo(1);
            workspace.upload("items/late.csv", "id,name\n90000,late\n");
            assertThat(workspace.database.count("item")).isZero();
            gate.close();

            awaitThat(() -> assertThat(workspace.database.count("item")).isEqualTo(ROWS + 1));
            assertThat(lines(child, "routes=[items]")).isEqualTo(2);
            child.terminate();
            assertThat(child.exitCode()).isZero();
        }
        assertThat(workspace.loads("state, attempts"))
                .containsExactly("loaded|1", "loaded|1", "loaded|1");
    }
}
