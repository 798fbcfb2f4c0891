package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Faults of the network between the program and its database. */
@Timeout(120)
class NetworkFaultTest {
    private static final int ROWS = 30_000;
    private static final String SOCKET_TIMEOUT = "?socketTimeout=3";

    private static final Map<String, Action> ENDINGS =
            Map.of(
                    "cut", Action.cut(),
                    "reset", Action.reset(),
                    "cut answer", Action.cutAnswer(),
                    "reset answer", Action.resetAnswer(),
                    "drop answer", Action.dropAnswer(),
                    "stall", Action.stall());

    @TempDir private Path folder;
    private Workload workload;
    private FaultProxy network;

    private void start(String publish) {
        start(publish, SOCKET_TIMEOUT);
    }

    private void start(String publish, String options) {
        workload = new Workload(folder, new Random(1), publish, true, false);
        PGSimpleDataSource source = (PGSimpleDataSource) workload.workspace.database.dataSource();
        network = FaultProxy.before("localhost", source.getPortNumbers()[0]);
        String url = workload.workspace.url();
        workload.workspace.set("citus.url", network.through(url) + options);
    }

    @AfterEach
    void close() {
        network.close();
    }

    @ParameterizedTest
    @CsvSource({"load,cut", "load,reset", "batch,cut", "batch,reset"})
    void a_connection_that_ends_amid_a_copy_costs_an_attempt_and_no_row(
            String publish, String ending) {
        start(publish);
        workload.add(ROWS, 10);
        Rule<Message, Action> rule =
                network.on(Message.copyData()).nth(3).then(ENDINGS.get(ending));

        Run run = workload.loadHere();

        assertThat(rule.hits()).isOne();
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(attempts()).isEqualTo("2");
        workload.check(run.out(), run.err());
    }

    @ParameterizedTest
    @CsvSource({"load,cut answer", "load,drop answer", "batch,reset answer", "batch,drop answer"})
    void a_commit_whose_answer_is_lost_is_not_repeated(String publish, String ending) {
        start(publish);
        workload.add(ROWS, 10);
        Rule<Message, Action> rule = network.on(commitOfRows()).then(ENDINGS.get(ending));

        Run run = workload.loadHere();

        assertThat(rule.hits()).isOne();
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        if (publish.equals("load")) {
            assertThat(attempts()).isEqualTo("1");
        }
        workload.check(run.out(), run.err());
    }

    @ParameterizedTest
    @CsvSource({"load", "batch"})
    void a_commit_that_disappears_in_a_silent_network_ends_with_the_rows_once(String publish) {
        start(publish);
        workload.add(ROWS, 10);
        Rule<Message, Action> rule = network.on(commitOfRows()).then(ENDINGS.get("stall"));

        Run run = workload.loadHere();

        assertThat(rule.hits()).isOne();
        // One that gave up, as the transaction held the row of the load, leaves it to the next one.
        Run healthy = workload.loadHere();
        assertThat(healthy.code()).as(run + "\n" + healthy).isZero();
        workload.check(run.toString(), healthy.toString());
    }

    @Test
    void a_network_that_is_silent_for_longer_than_the_lease_loses_the_load_and_no_row() {
        start("load");
        workload.add(ROWS, 10);
        Rule<Message, Action> rule =
                network.on(Message.copyData()).nth(3).then(Action.run(network::stall));
        CompletableFuture<Run> stalled = CompletableFuture.supplyAsync(workload::loadHere);
        await().until(() -> rule.hits() == 1 || stalled.isDone());
        await().atMost(Duration.ofSeconds(30))
                .until(
                        () ->
                                workload.workspace
                                        .database
                                        .ask("SELECT lease_until < now() FROM citus_ingest.load")
                                        .equals("t"));
        network.resume();

        Run run = stalled.join();

        assertThat(rule.hits()).isOne();
        Run healthy = workload.loadHere();
        assertThat(healthy.code()).as(run + "\n" + healthy).isZero();
        workload.check(run.toString(), healthy.toString());
    }

    @Test
    void a_slow_network_keeps_the_lease_of_a_load_that_takes_longer_than_that() {
        start("load", "");
        workload.add(6000, 0);
        network.delay(Duration.ofMillis(20));
        network.limit(64_000);

        Run run = workload.loadHere();

        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(
                        workload.workspace.database.rows(
                                "SELECT attempts, generation, finished_at - started_at > interval '2 s'"
                                        + " FROM citus_ingest.load"))
                .containsExactly("1|1|t");
        workload.check(run.out(), run.err());
    }

    private String attempts() {
        return workload.workspace.database.ask("SELECT attempts FROM citus_ingest.load");
    }

    /** The first commit after ledger rows of ranges were written, with the rows they tell of. */
    private static Predicate<Message> commitOfRows() {
        AtomicBoolean written = new AtomicBoolean();
        Predicate<Message> range = Message.query("INSERT INTO citus_ingest\\.batch .*");
        Predicate<Message> commit = Message.commit();
        return message -> {
            if (range.test(message)) {
                written.set(true);
            }
            return written.get() && commit.test(message);
        };
    }
}
