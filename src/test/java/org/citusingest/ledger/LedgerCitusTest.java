package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.citusingest.CitusServer;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The ledger as tables that Citus knows, beside a distributed table. */
@Tag("citus")
@Timeout(180)
class LedgerCitusTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();
    private static final int ROWS = 500;

    private static TestDatabase database;
    private static TestDatabase loader;
    private final Blobs blobs = new Blobs(loader, CITUS.schema());
    private final Ledger ledger = blobs.ledger;

    @BeforeAll
    static void createTables() {
        database = CITUS.database();
        database.execute(
                "CREATE TABLE item (id int, _load_id bigint)",
                "SELECT create_distributed_table('item', 'id')",
                "CREATE TABLE counted (load_id bigint, rows bigint)",
                """
                CREATE FUNCTION rollup() RETURNS void LANGUAGE plpgsql AS $$
                DECLARE
                    ids bigint[] := string_to_array(current_setting('citus_ingest.load_ids'), ',');
                BEGIN
                    INSERT INTO counted SELECT _load_id, count(*) FROM item WHERE _load_id = ANY (ids) GROUP BY 1;
                END
                $$
                """);
        loader = CITUS.loader("counted");
    }

    @BeforeEach
    void empty() {
        database.execute(
                "TRUNCATE item, counted",
                "DELETE FROM citus_ingest.reject WHERE load_id IN (SELECT id FROM citus_ingest.load WHERE pipeline = '%1$s')"
                        .formatted(CITUS.schema()),
                "DELETE FROM citus_ingest.batch WHERE load_id IN (SELECT id FROM citus_ingest.load WHERE pipeline = '%1$s')"
                        .formatted(CITUS.schema()),
                "DELETE FROM citus_ingest.load WHERE pipeline = '%1$s'".formatted(CITUS.schema()),
                "DELETE FROM citus_ingest.summary WHERE pipeline = '%1$s'"
                        .formatted(CITUS.schema()));
    }

    @Test
    void a_load_with_rejected_rows_is_published_seen_summarized_replayed_and_unloaded()
            throws Exception {
        Claim claim = blobs.claim("x", "1", Overwrite.append);
        blobs.publish(claim, ROWS, 3, Optional.empty());
        assertThat(unseen(claim)).isOne();
        assertThat(summarize()).isEqualTo("0");

        assertThat(ledger.awaitVisible(claim, Duration.ofMinutes(1))).isTrue();

        assertThat(unseen(claim)).isZero();
        assertThat(summarize()).isEqualTo("1");
        assertThat(database.rows("SELECT * FROM counted")).containsExactly(claim.id() + "|" + ROWS);
        Replay undone = ledger.openReplay(claim.id());
        blobs.publish(undone.claim(), 3, 0, Optional.empty());
        ledger.awaitVisible(undone.claim(), Duration.ofMinutes(1));
        assertThat(ledger.unload(undone.claim().id(), Optional.empty())).isEqualTo(3);
        assertThat(blobs.loads().get(0)).isEqualTo("1|loaded|%d|3|null".formatted(ROWS));
        Replay replay = ledger.openReplay(claim.id());
        blobs.publish(replay.claim(), 3, 0, Optional.empty());
        ledger.awaitVisible(replay.claim(), Duration.ofMinutes(1));
        assertThat(
                        ledger.unload(
                                claim.id(),
                                Optional.of(
                                        "DELETE FROM counted WHERE load_id = ANY (string_to_array("
                                                + "current_setting('citus_ingest.load_ids'), ',')::bigint[])")))
                .isEqualTo(ROWS + 3);
        assertThat(database.count("item")).isZero();
        assertThat(database.count("counted")).isZero();
        ledger.reload(claim.id(), Optional.empty());
        assertThat(blobs.next(Overwrite.append).orElseThrow().attempt()).isOne();
    }

    @Test
    void versions_replace_each_other_and_ranges_are_committed_one_by_one() throws Exception {
        Claim first = blobs.claim("x", "1", Overwrite.replace);
        blobs.commitRange(first, 0, ROWS, 2);
        blobs.commitRange(first, ROWS + 2, ROWS, 0);
        assertThat(ledger.committed(first)).hasSize(2);
        assertThat(ledger.publishRanges(first, Optional.empty()).rowsCopied()).isEqualTo(2 * ROWS);
        assertThat(ledger.awaitVisible(first, Duration.ofMinutes(1))).isTrue();

        Claim second = blobs.load("x", "2", Overwrite.replace, ROWS);

        assertThat(blobs.items()).containsExactly(second.id() + "|" + ROWS);
        assertThat(blobs.loads().get(0)).isEqualTo("1|skipped|0|0|replaced by load " + second.id());
        blobs.found("x", "3");
        assertThat(blobs.next(Overwrite.ignore)).isEmpty();
    }

    @Test
    void eight_claimers_and_a_heartbeat_get_on_with_each_other() {
        for (int i = 0; i < 40; i++) {
            blobs.found("x" + i % 20, "" + i / 20);
        }
        try (Ledger mortal = new Ledger(loader.dataSource(), Duration.ofSeconds(1))) {
            Together.run(
                    8,
                    thread -> {
                        for (Optional<Claim> claim = blobs.next(mortal, Overwrite.append);
                                claim.isPresent();
                                claim = blobs.next(mortal, Overwrite.append)) {
                            blobs.publish(claim.get(), 1, 1, Optional.empty());
                            mortal.release(claim.get());
                        }
                    });
        }

        assertThat(
                        database.rows(
                                "SELECT state, count(*), max(attempts) FROM citus_ingest.load WHERE pipeline = '%s' GROUP BY 1"
                                        .formatted(CITUS.schema())))
                .containsExactly("loaded|40|1");
    }

    @Test
    void a_summary_that_fails_is_noted_and_made_by_the_upkeep() throws Exception {
        Claim claim = blobs.load("x", "1", Overwrite.append, ROWS);
        ledger.awaitVisible(claim, Duration.ofMinutes(1));
        assertThat(blobs.summarize("SELECT rollup(), 1 / (SELECT count(*) FROM item WHERE id < 0)"))
                .isEqualTo("-1");
        assertThat(database.count("counted")).isZero();
        assertThat(blobs.loads().get(0)).contains("summary failed: 22012 division by zero");

        ledger.noteAfterLoad(
                claim,
                "reset",
                Optional.of(
                        "SELECT citus_ingest.summarize('%s', 'SELECT rollup()')"
                                .formatted(CITUS.schema())));
        database.execute(
                "UPDATE citus_ingest.summary SET next_at = now() WHERE pipeline = '%s'"
                        .formatted(CITUS.schema()));
        ledger.upkeep();

        assertThat(database.rows("SELECT * FROM counted")).containsExactly(claim.id() + "|" + ROWS);
    }

    @Test
    void rows_that_a_worker_has_not_committed_yet_are_in_no_summary_and_in_it_once_they_are()
            throws Exception {
        List<String> workers =
                database.rows(
                        "SELECT nodeid, nodename, nodeport FROM pg_dist_node WHERE groupid > 0 AND noderole = 'primary'"
                                + " ORDER BY nodeid");
        assumeTrue(
                database.ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                        .equals("t"),
                "The role that CITUS_TEST_URL names is no superuser: no worker can be put behind a proxy");
        assumeTrue(!workers.isEmpty(), "This Citus has no worker that could be put behind a proxy");
        String[] worker = workers.get(0).split("\\|", -1);
        try (CommitBreaker breaker = new CommitBreaker(worker[1], Integer.parseInt(worker[2]))) {
            moveNode(worker[0], "localhost", breaker.port());
            try {
                publishWithoutItsWorker(breaker);
            } finally {
                breaker.mend();
                await().atMost(90, TimeUnit.SECONDS).until(() -> database.count("item") == ROWS);
                moveNode(worker[0], worker[1], Integer.parseInt(worker[2]));
            }
        }
    }

    private void publishWithoutItsWorker(CommitBreaker breaker) throws Exception {
        Claim claim = blobs.claim("x", "1", Overwrite.append);
        breaker.breakCommits();
        blobs.publish(claim, ROWS, 0, Optional.empty());

        // The commit was acknowledged, and not all rows are there.
        assertThat(breaker.broken()).isPositive();
        assertThat(blobs.loads()).containsExactly("1|loaded|" + ROWS + "|0|null");
        assertThat(database.count("item")).isLessThan(ROWS);
        assertThat(ledger.awaitVisible(claim, Duration.ofSeconds(2))).isFalse();
        ledger.upkeep();
        assertThat(summarize()).isEqualTo("0");
        assertThatThrownBy(() -> ledger.unload(claim.id(), Optional.empty()))
                .hasMessageContaining("are not yet on all nodes");

        breaker.mend();

        // Citus recovers the worker by itself, every minute unless set otherwise.
        await().atMost(90, TimeUnit.SECONDS)
                .until(() -> ledger.awaitVisible(claim, Duration.ofSeconds(1)));
        assertThat(summarize()).isEqualTo("1");
        assertThat(database.rows("SELECT * FROM counted")).containsExactly(claim.id() + "|" + ROWS);
    }

    private static void moveNode(String id, String host, int port) {
        database.ask("SELECT citus_update_node(%s, '%s', %d)".formatted(id, host, port));
        // Until the metadata are everywhere, Citus refuses what concerns all nodes.
        await().atMost(60, TimeUnit.SECONDS)
                .untilAsserted(() -> database.execute("TRUNCATE counted, item"));
    }

    private String summarize() {
        return blobs.summarize("SELECT rollup()");
    }

    private static long unseen(Claim claim) {
        return database.count(
                "citus_ingest.load WHERE commit_xid IS NOT NULL AND id = " + claim.id());
    }
}
