package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.citusingest.OwnServer;
import org.citusingest.TestDatabase;
import org.citusingest.Workspace;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that runs on while its database goes away, refuses it, and comes back. */
@Timeout(180)
class OutageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROWS = 30_000;

    @TempDir private static Path data;
    @TempDir private Path folder;
    private static OwnServer server;
    private static int databases;

    @BeforeAll
    static void startServer() throws Exception {
        server = new OwnServer(data).start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
    }

    private Workload workload() {
        TestDatabase database = server.database("outage_" + ++databases);
        return new Workload(new Workspace(folder, database), new Random(1), "load", true, false);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_server_that_is_restarted_amid_a_load_costs_an_attempt_and_no_row(boolean crash)
            throws Exception {
        Workload workload = workload();
        workload.add(100, 1);
        CountDownLatch ended = new CountDownLatch(1);
        try (FaultProxy network = FaultProxy.before("localhost", server.port());
                IngestProcess process = running(workload, network.through(url(workload)))) {
            Rule<Message, Action> rule =
                    network.on(Message.copyData())
                            .nth(3)
                            .then(
                                    Action.run(
                                            () -> {
                                                end(crash);
                                                ended.countDown();
                                            }));
            workload.add(ROWS, 1);
            assertThat(ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(rule.hits()).isOne();
            server.start();
            await().atMost(PATIENCE).until(() -> isLoaded(workload));

            assertQuiet(process);
            end(process, workload);
        }
    }

    @Test
    @EnabledIfSystemProperty(
            named = "faults.all",
            matches = "true",
            disabledReason = "Waits for timeouts of ten seconds: -Dfaults.all=true")
    void a_server_that_may_only_be_read_or_refuses_the_role_pauses_the_loads_and_fails_none()
            throws Exception {
        Workload workload = workload();
        TestDatabase database = workload.workspace.database;
        String secret = "canary-7f3a91";
        guard("loader", secret);
        database.execute(
                "GRANT CREATE ON DATABASE %s TO loader"
                        .formatted(database.ask("SELECT current_database()")),
                "ALTER TABLE item OWNER TO loader",
                "ALTER TABLE item_total OWNER TO loader");
        workload.workspace.set("citus.user", "loader").set("citus.password", secret);
        workload.add(100, 1);
        try (IngestProcess process = running(workload, url(workload))) {
            outage(
                    workload,
                    process,
                    "read-only transaction",
                    "ALTER SYSTEM SET default_transaction_read_only = on",
                    "ALTER SYSTEM RESET default_transaction_read_only");
            outage(
                    workload,
                    process,
                    "too many connections for role \"loader\"",
                    "ALTER ROLE loader CONNECTION LIMIT 0",
                    "ALTER ROLE loader CONNECTION LIMIT -1");
            outage(
                    workload,
                    process,
                    "password authentication failed for user \"loader\"",
                    "ALTER ROLE loader PASSWORD 'another'",
                    "ALTER ROLE loader PASSWORD '" + secret + "'");

            assertThat(database.rows("SELECT DISTINCT state, attempts FROM citus_ingest.load"))
                    .containsExactly("loaded|1");
            assertQuiet(process);
            end(process, workload);
            assertThat(process.output()).doesNotContain(secret);
        }
    }

    private static void outage(
            Workload workload, IngestProcess process, String told, String begin, String end) {
        // By a connection that is there before, as one that is made later may be read-only.
        TestDatabase database = workload.workspace.database;
        database.execute(begin, "SELECT pg_reload_conf()");
        database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'loader'");
        workload.add(100, 1);
        await().atMost(PATIENCE).until(() -> process.output().contains(told));
        database.execute(end, "SELECT pg_reload_conf()");
        await().atMost(PATIENCE).until(() -> isLoaded(workload));
    }

    /** From now on this role needs a password. */
    private static void guard(String role, String password) throws Exception {
        server.database().execute("CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(role, password));
        Path rules = server.data().resolve("pg_hba.conf");
        Files.writeString(
                rules,
                "host all %1$s 127.0.0.1/32 scram-sha-256\nhost all %1$s ::1/128 scram-sha-256\n"
                                .formatted(role)
                        + Files.readString(rules));
        server.database().execute("SELECT pg_reload_conf()");
    }

    private static String url(Workload workload) {
        return workload.workspace.url();
    }

    private static IngestProcess running(Workload workload, String url) {
        workload.workspace.set("citus.url", url);
        IngestProcess process = IngestProcess.of(workload.workspace).run();
        await().atMost(PATIENCE).until(() -> !process.isAlive() || isLoaded(workload));
        return process;
    }

    private static boolean isLoaded(Workload workload) {
        TestDatabase database = workload.workspace.database;
        boolean ledger = !database.ask("SELECT to_regclass('citus_ingest.load')").equals("null");
        return ledger
                && database.count(
                                "citus_ingest.load WHERE state = 'loaded' AND summarized_at IS NOT NULL")
                        == workload.sources().size();
    }

    private static void end(boolean crash) {
        try {
            if (crash) {
                server.crash();
            } else {
                server.stop();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An outage is told in some lines, not in one for each poll, and without stack traces. */
    private static void assertQuiet(IngestProcess process) {
        String output = process.output();
        assertThat(output.lines().filter(line -> line.matches("\\s+at .*|Caused by: .*")))
                .as(output)
                .isEmpty();
        assertThat(
                        output.lines()
                                .filter(line -> line.contains("WARN") || line.contains("ERROR"))
                                .count())
                .as(output)
                .isLessThan(30);
    }

    private static void end(IngestProcess process, Workload workload) throws Exception {
        process.terminate();
        assertThat(process.exitCode()).as(process.output()).isZero();
        workload.check(process.output());
    }
}
