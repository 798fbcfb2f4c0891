package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.InputStream;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.citusingest.CitusServer;
import org.citusingest.TestDatabase;
import org.citusingest.faults.Action;
import org.citusingest.faults.FaultProxy;
import org.citusingest.faults.Message;
import org.citusingest.faults.Rule;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
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

/**
 * Loads while a worker of Citus is lost, silent or at odds with another session: the coordinator
 * reaches one of them through a proxy. The nodes must not ask each other for encryption.
 */
@Tag("citus")
@Timeout(180)
class WorkerFaultTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();
    private static final int ROWS = 20_000;

    /** More than goes by one lane. */
    private static final int LARGE = 800_000;

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static TestDatabase database;
    private static TestDatabase loader;
    private static String[] node;
    private static FaultProxy worker;
    private TestRoutes routes;
    private Ledger ledger;
    private static int loads;

    @BeforeAll
    static void standBeforeAWorker() {
        database = CITUS.database();
        assumeTrue(
                database.ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                        .equals("t"),
                "The role that CITUS_TEST_URL names is no superuser: no worker can be put behind a proxy");
        List<String> workers =
                database.rows(
                        "SELECT nodeid, nodename, nodeport FROM pg_dist_node WHERE groupid > 0"
                                + " AND noderole = 'primary' ORDER BY nodeid");
        assumeTrue(workers.size() > 1, "This Citus has less than two workers");
        node = workers.get(0).split("\\|", -1);
        database.execute(
                "CREATE TABLE item (id int PRIMARY KEY, name text, _load_id bigint)",
                // end.
                "SELECT create_distributed_table('item', 'id')",
                // With a key it would have one lane.
                "CREATE TABLE keyless (id int, name text, _load_id bigint)",
                "SELECT create_distributed_table('keyless', 'id')");
        worker = FaultProxy.before(node[1], Integer.parseInt(node[2]));
        moveNode("localhost", worker.port());
        // As the statement timeout of the application, and its socket timeout after that.
        loader = CITUS.loader();
        for (TestDatabase each : List.of(database, loader)) {
            ((PGSimpleDataSource) each.dataSource()).setOptions("-c statement_timeout=4s");
            ((PGSimpleDataSource) each.dataSource()).setSocketTimeout(8);
        }
    }

    @AfterAll
    static void leaveTheWorker() {
        if (worker != null) {
            worker.heal();
            PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
            source.setOptions("");
            source.setSocketTimeout(0);
            moveNode(node[1], Integer.parseInt(node[2]));
            worker.close();
        }
    }

    private static void moveNode(String host, int port) {
        database.ask("SELECT citus_update_node(%s, '%s', %d)".formatted(node[0], host, port));
        // Until the metadata are everywhere, Citus refuses what concerns all nodes.
        await().atMost(PATIENCE).untilAsserted(() -> database.execute("TRUNCATE item"));
    }

    @BeforeEach
    void start() {
        await().atMost(PATIENCE).untilAsserted(() -> database.execute("TRUNCATE item"));
        ledger = new Ledger(loader.dataSource(), Duration.ofSeconds(4));
        routes =
                TestRoutes.of(
                        loader,
                        new RouteBuilder() {
                            @Override
                            public void configure() {
                                getContext().getRegistry().bind("ledger", ledger);
                                route("load", "entry=coordinator");
                                route("batch", "entry=coordinator&publish=batch");
                                route("load-shards", "entry=shard");
                                route("batch-shards", "entry=shard&publish=batch");
                                route("batch-any", "entry=any&publish=batch");
                                from("direct:load-any")
                                        .routeId(CITUS.schema() + " load-any")
                                        .unmarshal(TestRoutes.delimited(300_000))
                                        .split(body())
                                        .streaming()
                                        .parallelProcessing()
                                        .executorService("copy")
                                        .aggregationStrategy("#loadResult")
                                        .to("citus:keyless?entry=any&lanes=3");
                            }

                            private void route(String name, String options) {
                                from("direct:" + name)
                                        .routeId(CITUS.schema() + " " + name)
                                        .unmarshal(TestRoutes.delimited(50_000))
                                        .to("citus:item?" + options);
                            }
                        });
    }

    @AfterEach
    void stop() {
        worker.heal();
        routes.close();
        ledger.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"load", "load-shards"})
    void a_worker_that_is_lost_amid_a_copy_takes_all_rows_back(String route) {
        assertLoadedAtTheSecondAttempt(
                route, worker.on(Message.copyData()).nth(20).then(Action.cut()));
    }

    /** The rows that one node has got stay there, and are not sent again. */
    @ParameterizedTest
    @ValueSource(strings = {"load-shards", "batch-shards"})
    void a_commit_into_shards_whose_answer_is_lost_is_not_repeated(String route) {
        Rule<Message, Action> rule = worker.on(Message.commit()).then(Action.cutAnswer());

        assertTransient(routes.failure("direct:" + route, key(), file()));

        assertThat(rule.hits()).isOne();
        worker.heal();
        loadAgain(route);
    }

    /** The row in the ledger is on another node than the rows that it tells of. */
    @ParameterizedTest
    @ValueSource(strings = {"load-shards", "batch-shards", "batch-any"})
    void a_commit_into_shards_that_the_ledger_has_not_heard_of_yet_is_waited_for(String route)
            throws Exception {
        String[] own =
                database.ask(
                                "SELECT nodename || '|' || nodeport FROM pg_dist_node WHERE groupid = 0")
                        .split("\\|", -1);
        try (FaultProxy coordinator = FaultProxy.before(own[0], Integer.parseInt(own[1]))) {
            moveCoordinator("localhost", coordinator.port());
            try {
                Rule<Message, Action> rule =
                        coordinator.on(Message.commitPrepared()).then(Action.cut());
                String key = key();
                Exchange first = routes.send("direct:" + route, key, file());

                assertThat(rule.hits()).isOne();
                if (first.getException() != null) {
                    assertTransient(first.getException());
                    loadAgain(route);
                }
                assertRows();
            } finally {
                coordinator.heal();
                moveCoordinator(own[0], Integer.parseInt(own[1]));
            }
        }
    }

    private static void moveCoordinator(String host, int port) {
        database.ask("SELECT citus_set_coordinator_host('%s', %d)".formatted(host, port));
        await().atMost(PATIENCE)
                .until(
                        () ->
                                database.ask(
                                                "SELECT bool_and(result::int = %d) FROM run_command_on_workers('SELECT nodeport FROM pg_dist_node WHERE groupid = 0')"
                                                        .formatted(port))
                                        .equals("t"));
    }

    /** Of three batches, which go by three nodes, the first that meets the fault ends the load. */
    @ParameterizedTest
    @ValueSource(strings = {"COPY .*", "INSERT .*", "PREPARE TRANSACTION .*", "COMMIT"})
    void a_worker_that_is_lost_amid_a_batch_by_any_node_has_it_once_in_the_end(String statement) {
        Rule<Message, Action> rule = worker.on(Message.query(statement)).then(Action.cut());

        assertTransient(routes.failure("direct:batch-any", key(), file()));

        assertThat(rule.hits()).isOne();
        worker.heal();
        loadAgain("batch-any");
    }

    /** Citus writes no quotes around the table, and commits in two phases. */
    @ParameterizedTest
    @CsvSource({"COPY \".*, false", "COMMIT, false", "COMMIT, true"})
    void a_lane_that_is_lost_with_its_worker_fails_the_load_whose_rows_are_in_once_in_the_end(
            String statement, boolean answerOnly) {
        await().atMost(PATIENCE).untilAsserted(() -> database.execute("TRUNCATE keyless"));
        Rule<Message, Action> rule =
                worker.on(Message.query(statement))
                        .then(answerOnly ? Action.cutAnswer() : Action.cut());
        String key = key();

        assertTransient(routes.failure("direct:load-any", key, file(LARGE)));

        assertThat(rule.hits()).isOne();
        worker.heal();
        await().atMost(PATIENCE)
                .untilAsserted(() -> routes.load("direct:load-any", key, file(LARGE)));
        assertRows("keyless", LARGE);
    }

    @Test
    void a_commit_by_one_worker_that_another_has_not_heard_of_is_waited_for() {
        // By the worker that is not behind the proxy.
        Rule<Message, Action> rule =
                worker.on(Message.query("COMMIT PREPARED 'citus_[1-9].*"))
                        .always()
                        .then(Action.cut());
        LoadTotals totals = routes.load("direct:batch-any", key(), file());
        String unseen =
                "citus_ingest.load WHERE state = 'loaded' AND commit_xid IS NOT NULL AND id = "
                        + totals.loadId();

        assertThat(rule.hits()).isPositive();
        assertThat(totals.rowsCopied()).isEqualTo(ROWS);
        assertThat(database.count("item")).isLessThan(ROWS);
        ledger.upkeep();
        assertThat(database.count(unseen)).isOne();

        worker.heal();
        await().atMost(PATIENCE)
                .until(
                        () -> {
                            ledger.upkeep();
                            return database.count(unseen) == 0;
                        });
        assertRows();
    }

    @Test
    void a_worker_that_is_lost_before_the_commit_takes_all_rows_back() {
        assertLoadedAtTheSecondAttempt(
                "load", worker.on(Message.prepareTransaction()).then(Action.cut()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"load", "load-shards"})
    void a_worker_that_is_silent_amid_a_copy_is_given_up(String route) {
        assertLoadedAtTheSecondAttempt(
                route, worker.on(Message.copyData()).nth(20).then(Action.stall()));
    }

    @Test
    void a_worker_that_is_silent_at_the_commit_is_given_up() {
        assertLoadedAtTheSecondAttempt(
                "load", worker.on(Message.prepareTransaction()).then(Action.stall()));
    }

    private void assertLoadedAtTheSecondAttempt(String route, Rule<Message, Action> rule) {
        Exception failure = routes.failure("direct:" + route, key(), file());

        assertThat(rule.hits()).isOne();
        assertTransient(failure);
        worker.heal();
        await().atMost(PATIENCE).until(() -> database.count("item") == 0);
        loadAgain(route);
    }

    @ParameterizedTest
    @CsvSource({
        "load,connection to the remote node",
        "load-shards,cannot be reached",
        "batch-any,connection to the remote node"
    })
    void a_worker_that_is_down_fails_the_load_until_it_is_up(String route, String reason) {
        worker.down();

        Exception failure = routes.failure("direct:" + route, key(), file());

        assertTransient(failure);
        assertThat(failure).hasMessageContaining(reason);
        worker.heal();
        loadAgain(route);
    }

    @Test
    void a_deadlock_over_two_nodes_is_ended_and_the_load_goes_the_second_time() throws Exception {
        try (Connection other = database.dataSource().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SET LOCAL statement_timeout = 0");
            statement.execute("INSERT INTO item VALUES (1)");
            CompletableFuture<Exception> load =
                    CompletableFuture.supplyAsync(
                            () -> routes.failure("direct:load", key(), file()));
            // An orphan of another test may still wait for something.
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    database.count(
                                                    "citus_lock_waits WHERE blocked_statement LIKE 'COPY%'"
                                                            + " AND current_statement_in_blocking_process LIKE 'INSERT%'")
                                            > 0);
            // The load waits for this session at a worker, and this one at the coordinator.
            statement.execute("LOCK TABLE item IN SHARE MODE");
            other.rollback();

            Exception failure = load.join();
            assertThat(failure).hasMessageContaining(" 40P01 ");
            assertTransient(failure);
            loadAgain("load");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"load", "batch", "load-shards", "batch-shards", "batch-any"})
    void a_shard_that_is_moved_amid_a_load_has_its_rows_once(String publish) {
        AtomicReference<CompletableFuture<String>> move = new AtomicReference<>();
        String sql =
                """
                SELECT citus_move_shard_placement(shardid, nodename, nodeport, (
                    SELECT nodename FROM pg_dist_node WHERE groupid > 0 AND nodeid <> %1$s LIMIT 1), (
                    SELECT nodeport FROM pg_dist_node WHERE groupid > 0 AND nodeid <> %1$s LIMIT 1), 'block_writes')
                FROM citus_shards WHERE table_name = 'item'::regclass AND nodename = 'localhost'
                  AND nodeport = %2$d LIMIT 1
                """
                        .formatted(node[0], worker.port());
        LoadTotals totals =
                routes.load(
                        "direct:" + publish,
                        key(),
                        amid(() -> move.set(CompletableFuture.supplyAsync(() -> moved(sql)))));

        assertThat(move.get().join()).isEmpty();
        assertThat(totals.rowsCopied()).isEqualTo(ROWS);
        assertRows();
    }

    private static String moved(String sql) {
        PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
        PGSimpleDataSource patient = new PGSimpleDataSource();
        patient.setUrl(source.getUrl());
        patient.setUser(source.getUser());
        patient.setPassword(source.getPassword());
        patient.setOptions("");
        patient.setSocketTimeout(0);
        return new TestDatabase(patient).ask(sql);
    }

    private static void assertTransient(Exception failure) {
        assertThat(Failure.isPermanent(failure)).as(Failure.oneLine(failure)).isFalse();
    }

    private void loadAgain(String route) {
        // Until Citus has noticed that its worker is there again.
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> routes.load("direct:" + route, CITUS.schema() + "/" + loads, file()));
        assertRows();
        await().atMost(PATIENCE)
                .until(
                        () ->
                                database.ask(
                                                "SELECT sum(result::int) FROM run_command_on_workers("
                                                        + "'SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()')")
                                        .equals("0"));
    }

    private static void assertRows() {
        assertRows("item", ROWS);
    }

    private static void assertRows(String table, int rows) {
        assertThat(
                        database.rows(
                                "SELECT count(*), count(DISTINCT id), min(id), max(id), count(DISTINCT _load_id) FROM "
                                        + table))
                .containsExactly("%1$d|%1$d|1|%1$d|1".formatted(rows));
    }

    private static String key() {
        return CITUS.schema() + "/" + ++loads;
    }

    private static InputStream file() {
        return file(ROWS);
    }

    private static InputStream file(int rows) {
        return new RowStream("id,name", rows, i -> i + ",name of " + i);
    }

    private static InputStream amid(Runnable action) {
        return new RowStream(
                "id,name",
                ROWS,
                i -> {
                    if (i == ROWS / 2) {
                        action.run();
                    }
                    return i + ",name of " + i;
                });
    }
}
