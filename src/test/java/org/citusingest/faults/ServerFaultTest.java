package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.citusingest.TestDatabase;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Statements that the server ends or cannot carry out, whatever rows they bring. */
@Timeout(120)
class ServerFaultTest {
    private static final int ROWS = 20_000;
    private static final String OPEN_LOADS =
            "pg_stat_activity WHERE application_name LIKE 'citus-ingest load%' AND datname = current_database()";

    @TempDir private Path folder;
    private Workload workload;
    private TestDatabase database;

    @BeforeEach
    void start() {
        workload = new Workload(folder, new Random(1), "load", false, false);
        database = workload.workspace.database;
    }

    /**
     * Cancelled, lock not to be had, serialization failure, disk full, out of memory, too many
     * locks, read-only, input/output error.
     */
    @ParameterizedTest
    @ValueSource(strings = {"57014", "55P03", "40001", "53100", "53200", "25006", "58030", "XX000"})
    void a_statement_that_the_server_cannot_carry_out_is_tried_again(String state) {
        firstCopy("RAISE 'made by a test' USING ERRCODE = '%s';".formatted(state));
        workload.add(100, 3);

        Run run = workload.loadHere();

        assertLoaded(run, 2);
    }

    @Test
    void a_load_that_is_the_victim_of_a_deadlock_is_tried_again() throws Exception {
        database.execute(
                "ALTER TABLE item ADD UNIQUE (id)",
                // The one who waits first looks first whether there is a deadlock.
                "ALTER DATABASE %s SET deadlock_timeout = '3s'"
                        .formatted(database.ask("SELECT current_database()")));
        // One batch, as batches overtake each other.
        workload.add(1000, 0);
        try (Connection other = database.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            statement.execute("SET deadlock_timeout = '60s'");
            other.setAutoCommit(false);
            statement.execute("INSERT INTO item VALUES (999)");
            CompletableFuture<Run> load = CompletableFuture.supplyAsync(workload::loadHere);
            await().atMost(Duration.ofSeconds(30))
                    .until(
                            () ->
                                    database.count(OPEN_LOADS + " AND wait_event = 'transactionid'")
                                            > 0);
            // A row that the load has inserted and not committed.
            statement.execute("INSERT INTO item VALUES (1)");
            other.rollback();

            assertLoaded(load.join(), 2);
        }
    }

    @Test
    @EnabledIfSystemProperty(
            named = "faults.all",
            matches = "true",
            disabledReason = "Waits for timeouts of ten seconds: -Dfaults.all=true")
    void a_table_that_another_session_keeps_locked_is_waited_for_and_then_tried_again()
            throws Exception {
        workload.workspace.set("citus.statement-timeout", "10");
        workload.add(100, 3);
        try (Connection other = database.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE item IN ACCESS EXCLUSIVE MODE");
            CompletableFuture<Run> load = CompletableFuture.supplyAsync(workload::loadHere);

            assertThat(firstError()).matches(".* (55P03|57014) .*");

            other.rollback();
            Run run = load.join();
            assertThat(run.code()).as(run.toString()).isZero();
            workload.check(run.toString());
        }
    }

    @Test
    void a_transaction_that_the_server_ends_because_nothing_comes_is_tried_again() {
        PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
        try (FaultProxy network = FaultProxy.before("localhost", source.getPortNumbers()[0])) {
            workload.workspace.set("citus.url", network.through(workload.workspace.url()));
            firstCopy("PERFORM set_config('idle_in_transaction_session_timeout', '200', true);");
            workload.add(100, 0);
            Rule<Message, Action> rule =
                    network.on(Message.query("RELEASE SAVEPOINT rows")).then(Action.holdAnswer());
            CompletableFuture<Run> load = CompletableFuture.supplyAsync(workload::loadHere);
            await().atMost(Duration.ofSeconds(30)).until(() -> rule.hits() == 1);
            await().until(() -> database.count(OPEN_LOADS) == 0);
            network.resume();

            assertLoaded(load.join(), 2);
        }
    }

    @Test
    void a_full_disk_pauses_the_loads_until_there_is_room() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Assumptions.assumeTrue(
                sh("mount -t tmpfs -o size=1m none " + disk) == 0,
                "A disk that gets full can be mounted by root only");
        String space = "small_" + database.ask("SELECT current_database()");
        try {
            database.execute(
                    "CREATE TABLESPACE %s LOCATION '%s'".formatted(space, disk),
                    "ALTER TABLE item SET TABLESPACE " + space);
            workload.add(2 * ROWS, 3);
            CompletableFuture<Run> load = CompletableFuture.supplyAsync(workload::loadHere);

            assertThat(firstError())
                    .contains(" 53100 ")
                    .contains("No space left on device")
                    .contains("Nothing of these rows is in public.item");

            assertThat(sh("mount -o remount,size=64m " + disk)).isZero();
            Run run = load.join();
            assertThat(run.code()).as(run.toString()).isZero();
            workload.check(run.toString());
        } finally {
            database.execute(
                    "ALTER TABLE item SET TABLESPACE pg_default",
                    "CHECKPOINT",
                    "DROP TABLESPACE IF EXISTS " + space);
            sh("umount " + disk);
        }
    }

    @Test
    void a_role_that_lost_its_right_fails_the_load_once_and_loads_when_it_has_it_again() {
        database.execute(
                "CREATE ROLE %s LOGIN".formatted(role()),
                "GRANT CREATE ON DATABASE %s TO %s"
                        .formatted(database.ask("SELECT current_database()"), role()),
                "GRANT SELECT, INSERT, UPDATE ON item, item_total TO " + role());
        workload.workspace.set("citus.user", role());
        workload.add(100, 3);
        Run before = workload.loadHere();
        assertThat(before.code()).as(before.toString()).isZero();
        database.execute("REVOKE INSERT ON item FROM " + role());
        workload.add(100, 3);

        Run run = workload.loadHere();

        assertThat(run.code()).isOne();
        assertThat(run.out() + run.err())
                .contains(
                        "The role %1$s may not insert into item; run: GRANT INSERT"
                                .formatted(role()));
        assertThat(database.rows("SELECT state, attempts FROM citus_ingest.load ORDER BY id"))
                .containsExactly("loaded|1", "failed|1");

        database.execute("GRANT INSERT ON item TO " + role());
        Run healthy = workload.loadHere();
        assertThat(healthy.code()).as(healthy.toString()).isZero();
        workload.check(run.toString(), healthy.toString());
    }

    private String role() {
        return "loader_" + database.ask("SELECT current_database()");
    }

    /** Has the first COPY into the table, and no other one, do something first. */
    private void firstCopy(String plpgsql) {
        database.execute(
                "CREATE SEQUENCE copies",
                """
                CREATE FUNCTION at_first() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    -- What a sequence has given out it does not take back.
                    IF nextval('copies') = 1 THEN %s END IF;
                    RETURN NULL;
                END $$
                """
                        .formatted(plpgsql),
                "CREATE TRIGGER at_first BEFORE INSERT ON item EXECUTE FUNCTION at_first()");
    }

    private String firstError() {
        await().atMost(Duration.ofSeconds(60))
                .until(
                        () ->
                                !database.ask("SELECT to_regclass('citus_ingest.load')")
                                                .equals("null")
                                        && database.count(
                                                        "citus_ingest.load WHERE error IS NOT NULL")
                                                > 0);
        return database.ask("SELECT error FROM citus_ingest.load");
    }

    private void assertLoaded(Run run, int attempts) {
        assertThat(run.code()).as(run.toString()).isZero();
        assertThat(database.rows("SELECT state, attempts, error FROM citus_ingest.load"))
                .containsExactly("loaded|" + attempts + "|null");
        workload.check(run.toString());
    }

    private static int sh(String command) throws Exception {
        return new ProcessBuilder(command.split(" "))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
