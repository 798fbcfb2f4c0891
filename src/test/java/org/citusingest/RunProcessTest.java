package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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

/** The command {@code run} as a process that gets signals. */
class RunProcessTest {
    private static final int ROWS = 20_000;

    /** A row in the middle, at which the table waits while the test holds a lock. */
    private static final int GATE = 5000;

    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder).items();
        workspace.set("ledger.lease", "2");
        workspace.database.execute(
                """
                CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    PERFORM pg_advisory_xact_lock(1);
                    RETURN NEW;
                END $$;
                CREATE TRIGGER gate BEFORE INSERT ON item FOR EACH ROW WHEN (NEW.id = %d)
                    EXECUTE FUNCTION wait_at_gate()
                """
                        .formatted(GATE));
    }

    private ChildApp start() {
        return ChildApp.start(folder, List.of("-Xmx256m"), Map.of(), workspace.arguments("run"));
    }

    private void uploadItems() {
        workspace.upload(
                "items/many.csv",
                IntStream.rangeClosed(1, ROWS)
                        .mapToObj(i -> i + ",item number " + i)
                        .collect(Collectors.joining("\n", "id,name\n", "\n")));
    }

    private static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(assertion);
    }

    /** Holds the gate shut, and waits until a load stands before it. */
    private Connection shutGate() throws SQLException {
        Connection connection = workspace.database.dataSource().getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(1)");
        }
        return connection;
    }

    private void awaitLoadAtGate() {
        awaitThat(
                () ->
                        assertThat(
                                        workspace.database.count(
                                                "pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
                                                        + " (SELECT oid FROM pg_database WHERE datname = current_database())"))
                                .isEqualTo(1));
    }

    @Test
    void loads_a_blob_that_lands_while_it_runs_and_ends_well_on_sigterm() throws Exception {
        try (ChildApp child = start()) {
            awaitThat(() -> assertThat(child.err()).contains("routes=[items]"));
            workspace.upload("items/late.csv", "id,name\n1,one\n");

            awaitThat(() -> assertThat(workspace.itemRows()).containsExactly("1|one"));
            awaitThat(() -> assertThat(child.err()).contains("rows=1 rejected=0"));
            child.terminate();

            assertThat(child.exitCode()).isZero();
            assertThat(child.out()).isEmpty();
            assertThat(child.err().lines().filter(line -> line.contains("load=1 "))).hasSize(1);
        }
        assertThat(workspace.loads("state")).containsExactly("loaded");
    }

    @Test
    @SuppressWarnings("try") // the gate is opened before its scope ends
    void finishes_the_load_in_flight_on_sigterm() throws Exception {
        uploadItems();
        try (Connection gate = shutGate();
                ChildApp child = start()) {
            awaitLoadAtGate();
            child.terminate();
            awaitThat(() -> assertThat(child.err()).contains("Stopping"));
            assertThat(child.isAlive()).isTrue();
            assertThat(workspace.database.count("item")).isZero();
            gate.close();

            assertThat(child.exitCode()).isZero();
        }
        assertThat(workspace.database.count("item")).isEqualTo(ROWS);
        assertThat(workspace.loads("state, rows_copied, attempts"))
                .containsExactly("loaded|" + ROWS + "|1");
    }

    @Test
    @SuppressWarnings("try") // the gate is opened before its scope ends
    void a_process_that_is_killed_leaves_nothing_and_the_next_one_loads_the_rows_once()
            throws Exception {
        uploadItems();
        try (Connection gate = shutGate();
                ChildApp child = start()) {
            awaitLoadAtGate();
            child.kill();
            gate.close();
        }
        awaitThat(
                () ->
                        assertThat(
                                        workspace.database.count(
                                                "pg_stat_activity WHERE application_name = 'citus-ingest'"
                                                        + " AND datname = current_database()"))
                                .isZero());
        assertThat(workspace.database.count("item")).isZero();
        assertThat(workspace.loads("state")).containsExactly("loading");

        try (ChildApp child = start()) {
            awaitThat(() -> assertThat(workspace.loads("state")).containsExactly("loaded"));
            child.terminate();
            assertThat(child.exitCode()).isZero();
        }
        assertThat(workspace.database.ask("SELECT count(*), count(DISTINCT id) FROM item"))
                .isEqualTo(ROWS + "|" + ROWS);
        assertThat(workspace.loads("attempts, rows_copied")).containsExactly("2|" + ROWS);
    }

    @Test
    @SuppressWarnings("try") // the gate is opened before its scope ends
    void a_load_beside_it_waits_for_its_loads_and_says_so_once() throws Exception {
        uploadItems();
        try (Connection gate = shutGate();
                ChildApp running = start()) {
            awaitLoadAtGate();
            try (ChildApp load =
                    ChildApp.start(
                            folder, List.of("-Xmx256m"), Map.of(), workspace.arguments("load"))) {
                String waits = "items: waits for a load that another process has";
                awaitThat(() -> assertThat(load.err()).contains(waits));
                // A blob that it loads meanwhile shows that it has looked again.
                workspace.upload("items/late.csv", "id,name\n1000001,late\n");
                awaitThat(() -> assertThat(workspace.loads("state")).contains("loaded"));
                gate.close();

                assertThat(load.exitCode()).isZero();
                assertThat(load.err().lines().filter(line -> line.contains(waits))).hasSize(1);
                assertThat(load.err()).doesNotContain("Exception");
            }
        }
        assertThat(workspace.loads("state")).containsExactly("loaded", "loaded");
    }

    @Test
    void tells_no_secret_in_its_log_when_nothing_lets_it_in() throws Exception {
        String key = "Y2FuYXJ5LWtleQ==";
        workspace.set(
                "storage.connection-string",
                TestAzurite.connectionString().replaceAll("AccountKey=[^;]*", "AccountKey=" + key));
        workspace.set("citus.password", "canary-password");
        try (ChildApp child =
                ChildApp.start(
                        folder,
                        List.of(),
                        Map.of("LOG_LEVEL", "debug", "LOG_TRACE", "full"),
                        workspace.arguments("run"))) {
            awaitThat(() -> assertThat(child.err()).contains("refuses to list the container"));
            child.terminate();
            assertThat(child.exitCode()).isZero();
            assertThat(child.err()).doesNotContain(key).doesNotContain("canary");
        }
    }
}
