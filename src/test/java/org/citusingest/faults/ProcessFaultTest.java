package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;
import org.awaitility.core.ThrowingRunnable;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What signals, a lack of memory and other replicas do to a process. */
@Timeout(180)
class ProcessFaultTest {
    private static final int ROWS = 30_000;

    /** In one of the middle batches, so that others are before and after it. */
    private static final int GATE = 12_000;

    private static final Duration LEASE = Duration.ofSeconds(2);
    private static final int OUT_OF_MEMORY = 3;

    @TempDir private Path folder;

    private Workload workload(String publish) {
        return new Workload(folder, new Random(1), publish, true, false);
    }

    /** Changes an option of {@code blobs:} in the route. */
    private static void option(Workload workload, String name, String value) throws IOException {
        Path file = workload.workspace.routes.resolve("items.camel.yaml");
        String route = Files.readString(file);
        String changed = route.replaceFirst(name + ": \"\\d+\"", name + ": \"" + value + "\"");
        assertThat(changed).isNotEqualTo(route);
        Files.writeString(file, changed);
    }

    private static IngestProcess start(Workload workload) {
        return IngestProcess.of(workload.workspace).run();
    }

    private static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(assertion);
    }

    private static void awaitOutput(IngestProcess process, String text) {
        awaitThat(() -> assertThat(process.output()).contains(text));
    }

    /** What is left to be loaded is loaded, and all is as it should be. */
    private static void finish(Workload workload, String... outputs) {
        Run healthy = workload.loadHere();
        assertThat(healthy.code()).as(healthy.out() + healthy.err()).isZero();
        workload.check(outputs);
    }

    @ParameterizedTest
    @ValueSource(strings = {"load", "batch"})
    void sigterm_beyond_the_grace_time_rolls_back_and_leaves_the_load_to_others_at_once(
            String publish) throws Exception {
        Workload workload = workload(publish);
        // Neither the end of the lease nor a retry would let others have it in time.
        workload.workspace.set("ledger.lease", "3600");
        workload.workspace.set("camel.main.shutdownTimeout", "1");
        option(workload, "retryDelay", "3600000");
        workload.add(ROWS, 0);
        Gate gate = Gate.atRow(workload.workspace.database, "item", GATE);
        String output;
        try (gate;
                IngestProcess process = start(workload)) {
            gate.awaitOne();
            process.terminate();
            assertThat(process.exitCode()).isZero();
            output = process.output();

            assertThat(output).contains("left to others");
            assertThat(
                            workload.workspace.loads(
                                    "state, attempts, coalesce(lease_until <= now(), true)"))
                    .containsExactly("waiting|0|t");
        }

        finish(workload, output);
        assertThat(workload.workspace.loads("attempts")).containsExactly("1");
    }

    @Test
    void sigterm_ends_a_load_command_when_its_open_load_has_and_says_that_there_is_more()
            throws Exception {
        Workload workload = workload("load");
        workload.workspace.set("ledger.lease", "3600");
        workload.add(ROWS, 0);
        workload.add(ROWS, 0);
        Gate gate = Gate.atRow(workload.workspace.database, "item", GATE);
        String output;
        try (gate;
                IngestProcess process = IngestProcess.of(workload.workspace).load()) {
            gate.awaitOne();
            process.terminate();
            awaitOutput(process, "Stopping");
            gate.close();
            assertThat(process.exitCode()).isEqualTo(1);
            output = process.output();
        }

        assertThat(workload.workspace.loads("state, attempts"))
                .containsExactly("loaded|1", "waiting|0");
        finish(workload, output);
    }

    @Test
    void a_second_sigterm_ends_the_process_at_once_as_kill_does() throws Exception {
        Workload workload = workload("load");
        workload.add(ROWS, 0);
        Gate gate = Gate.atRow(workload.workspace.database, "item", GATE);
        String output;
        try (gate;
                IngestProcess process = start(workload)) {
            gate.awaitOne();
            process.terminate();
            awaitOutput(process, "Stopping: what is being loaded is finished first");
            process.terminate();
            assertThat(process.exitCode()).isEqualTo(IngestProcess.KILLED);
            output = process.output();

            assertThat(output).contains("Stopped at once by a second signal");
            assertThat(workload.workspace.database.count("item")).isZero();
            assertThat(workload.workspace.loads("state, attempts")).containsExactly("loading|1");
        }

        finish(workload, output);
        assertThat(workload.workspace.loads("attempts")).containsExactly("2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"load", "batch"})
    void a_process_that_stood_still_for_twice_its_lease_adds_nothing_and_goes_on_with_the_next_blob(
            String publish) throws Exception {
        Workload workload = workload(publish);
        workload.add(ROWS, 0);
        Gate gate = Gate.atRow(workload.workspace.database, "item", GATE);
        try (gate;
                IngestProcess zombie = start(workload)) {
            gate.awaitOne();
            zombie.stop();
            long stopped = System.nanoTime();
            CompletableFuture<Run> other = CompletableFuture.supplyAsync(workload::loadHere);
            awaitThat(
                    () ->
                            assertThat(workload.workspace.loads("attempts, state"))
                                    .containsExactly("2|loading"));
            gate.close();
            Run run = other.join();
            assertThat(run.code()).as(run.out() + run.err()).isZero();
            await().atMost(Duration.ofSeconds(60))
                    .until(
                            () ->
                                    Duration.ofNanos(System.nanoTime() - stopped)
                                                    .compareTo(LEASE.multipliedBy(2))
                                            > 0);

            zombie.resume();
            workload.add(100, 0);

            awaitThat(
                    () ->
                            assertThat(
                                            workload.workspace.loads(
                                                    "state, owner LIKE '%d-%%', attempts"
                                                            .formatted(zombie.pid())))
                                    .containsExactly("loaded|f|2", "loaded|t|1"));
            assertThat(zombie.isAlive()).isTrue();
            assertThat(zombie.output()).containsPattern("load=1 .*|lease of load 1 ");
            zombie.terminate();
            assertThat(zombie.exitCode()).isZero();
            finish(workload, zombie.output());
        }
    }

    @Test
    void a_blob_that_takes_all_the_memory_is_given_up_after_its_attempts_and_the_others_are_loaded()
            throws Exception {
        Workload workload = workload("load");
        option(workload, "maxAttempts", "2");
        workload.workspace.append("camel.dataformat.delimited.maxRecordBytes = 536870912");
        workload.workspace
                .container
                .getBlobClient("items/-first.csv.gz")
                .upload(
                        com.azure.core.util.BinaryData.fromBytes(
                                gzip("id,name\n1," + "x".repeat(100 << 20) + "\n")));
        workload.add(100, 0);
        workload.add(100, 0);
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            // As bin/citus-ingest starts it.
            try (IngestProcess process =
                    IngestProcess.of(workload.workspace)
                            .heap("128m")
                            .jvm("-XX:+ExitOnOutOfMemoryError")
                            .load()) {
                assertThat(process.exitCode()).as(process.output()).isEqualTo(OUT_OF_MEMORY);
                outputs.add(process.output());
            }
        }

        Run healthy = workload.loadHere();

        assertThat(healthy.code()).as(healthy.out() + healthy.err()).isEqualTo(1);
        assertThat(healthy.out()).contains("its process died 2 times");
        assertThat(workload.workspace.loads("state, attempts"))
                .containsExactlyInAnyOrder("failed|2", "loaded|1", "loaded|1");
        assertThat(
                        workload.workspace.database.ask(
                                "SELECT error FROM citus_ingest.load WHERE state = 'failed'"))
                .startsWith("its process died 2 times while loading it, last ")
                .endsWith("so it is given up: look into the log of that, then reload it");
        workload.check(outputs.toArray(String[]::new));
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    @Test
    void four_replicas_that_start_together_without_a_ledger_share_the_blobs_and_load_each_once()
            throws Exception {
        Workload workload = workload("load");
        for (int i = 0; i < 200; i++) {
            workload.add(1 + i % 7, 0);
        }
        List<IngestProcess> replicas = new ArrayList<>();
        try {
            // While it is locked each of them stands with a load of its own.
            try (Connection connection = workload.workspace.database.dataSource().getConnection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("LOCK TABLE item");
                for (int i = 0; i < 4; i++) {
                    replicas.add(start(workload));
                }
                awaitThat(
                        () ->
                                assertThat(workload.workspace.database.rows(owners("loading")))
                                        .containsExactly("4|4"));
            }
            awaitThat(
                    () ->
                            assertThat(workload.workspace.database.rows(owners("loaded")))
                                    .containsExactly("200|4"));
            replicas.forEach(IngestProcess::terminate);
            for (IngestProcess replica : replicas) {
                assertThat(replica.exitCode()).isZero();
            }
        } finally {
            replicas.forEach(IngestProcess::close);
        }
        assertThat(workload.workspace.database.ask("SELECT max(attempts) FROM citus_ingest.load"))
                .isEqualTo("1");
        finish(workload, replicas.stream().map(IngestProcess::output).toArray(String[]::new));
    }

    private static String owners(String state) {
        return "SELECT count(*), count(DISTINCT owner) FROM citus_ingest.load WHERE state = '%s'"
                .formatted(state);
    }

    /** Makes the summary stand at the gate when it has been computed. */
    private static Gate inSummary(Workload workload) throws SQLException {
        workload.workspace.database.execute(
                """
                CREATE FUNCTION rollup_and_stand() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
                    PERFORM rollup_item();
                    %s;
                END $$
                """
                        .formatted(Gate.STAND));
        Path file = workload.workspace.routes.resolve("items.camel.yaml");
        try {
            Files.writeString(
                    file, Files.readString(file).replace("rollup_item()", "rollup_and_stand()"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return Gate.shut(workload.workspace.database);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void kill_in_a_summary_lets_every_load_be_in_it_once(boolean serverEndsIt) throws Exception {
        Workload workload = workload("load");
        workload.add(1000, 0);
        Gate gate = inSummary(workload);
        String output;
        try (gate;
                IngestProcess process = start(workload)) {
            gate.awaitOne();
            process.kill();
            output = process.output();
            assertThat(workload.workspace.loads("state, summarized_at"))
                    .containsExactly("loaded|null");
            if (!serverEndsIt) {
                gate.endSessions();
            }
        }

        workload.add(10, 0);
        finish(workload, output);
        assertThat(workload.workspace.loads("attempts")).containsExactly("1", "1");
    }

    @Test
    void sigterm_in_a_summary_ends_when_the_summary_has() throws Exception {
        Workload workload = workload("load");
        workload.add(1000, 0);
        Gate gate = inSummary(workload);
        try (gate;
                IngestProcess process = start(workload)) {
            gate.awaitOne();
            process.terminate();
            awaitOutput(process, "Stopping: what is being loaded is finished first");
            gate.close();

            assertThat(process.exitCode()).isZero();
            workload.check(process.output());
        }
    }

    @Test
    void a_process_whose_ledger_is_brought_to_a_newer_version_claims_nothing_and_says_so()
            throws Exception {
        Workload workload = workload("load");
        workload.add(10, 0);
        try (IngestProcess old = start(workload)) {
            awaitThat(() -> assertThat(workload.workspace.loads("state")).contains("loaded"));
            workload.workspace.database.execute(
                    "INSERT INTO citus_ingest.ledger_version (version) VALUES (99)");
            awaitOutput(old, "The ledger in the database has version 99");
            workload.add(10, 0);

            Run another = workload.loadHere();

            assertThat(another.code()).isEqualTo(1);
            assertThat(another.out() + another.err())
                    .contains("run the newer citus-ingest that made it");
            assertThat(workload.workspace.loads("state")).containsExactly("loaded");
            workload.workspace.database.execute(
                    "DELETE FROM citus_ingest.ledger_version WHERE version = 99");
            awaitThat(
                    () ->
                            assertThat(workload.workspace.loads("state"))
                                    .containsExactly("loaded", "loaded"));
            old.terminate();
            assertThat(old.exitCode()).isZero();
            workload.check(old.output());
        }
    }
}
