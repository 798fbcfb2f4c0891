package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.citusingest.FaultyDataSource;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who finds a load, who owns it, and for how long. */
class LedgerClaimTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(600);

    private final TestDatabase database = TestDatabase.fresh();
    private final Ledger ledger = new Ledger(database.dataSource(), "first", LONG);

    @Test
    void a_page_registered_twice_adds_nothing_and_uses_no_ids_up() {
        List<FoundBlob> page = blobs(100);

        assertThat(ledger.register("p", "a", "c", page)).isEqualTo(100);
        for (int i = 0; i < 5; i++) {
            assertThat(ledger.register("p", "a", "c", page)).isZero();
        }
        assertThat(ledger.register("p", "a", "c", List.of(blob("new")))).isOne();

        assertThat(database.ask("SELECT max(id) FROM citus_ingest.load")).isEqualTo("101");
    }

    /** Counted without statistics of the table, as after the first listing of a large container. */
    @Test
    void a_known_blob_costs_one_look_into_the_index_however_many_are_known_and_writes_nothing() {
        ledger.install();
        database.execute("ALTER TABLE citus_ingest.load SET (autovacuum_enabled = off)");
        List<FoundBlob> all = blobs(4000);
        for (int listing = 0; listing < 8; listing++) {
            for (int page = 0; page < 4; page++) {
                ledger.register("p", "a", "c", all.subList(page * 1000, page * 1000 + 1000));
            }
        }
        List<FoundBlob> some = List.of(blob("new 1"), blob("new 2"));
        assertThat(ledger.register("p", "a", "c", some)).isEqualTo(2);

        // The server adds the counts of a session when that has ended.
        await().untilAsserted(
                        () ->
                                assertThat(
                                                database.ask(
                                                        "SELECT idx_tup_read FROM pg_stat_user_indexes"
                                                                + " WHERE indexrelname = 'load_version'"))
                                        .isEqualTo(String.valueOf(7 * 4000)));
        assertThat(
                        database.rows(
                                "SELECT seq_tup_read, n_tup_ins, n_tup_upd, n_tup_del, n_dead_tup"
                                        + " FROM pg_stat_user_tables WHERE relname = 'load'"))
                .containsExactly("0|4002|0|0|0");
        assertThat(database.ask("SELECT max(id) FROM citus_ingest.load")).isEqualTo("4002");
    }

    @Test
    void a_blob_is_known_by_pipeline_account_container_name_and_version() {
        ledger.register("p", "a", "c", List.of(blob("x")));

        assertThat(ledger.register("p", "a", "c", List.of(new FoundBlob("x", "2", 1, null))))
                .isOne();
        assertThat(ledger.register("p", "a", "d", List.of(blob("x")))).isOne();
        assertThat(ledger.register("p", "b", "c", List.of(blob("x")))).isOne();
        assertThat(ledger.register("q", "a", "c", List.of(blob("x")))).isOne();
        assertThat(ledger.register("p", "a", "c", List.of(blob("X"), blob("x")))).isOne();
        assertThat(ledger.register("p", "a", "c", List.of())).isZero();
    }

    @Test
    void a_page_that_eight_threads_register_at_once_is_there_once() {
        ledger.install();
        List<FoundBlob> page = blobs(500);

        Together.run(8, thread -> ledger.register("p", "a", "c", page));

        assertThat(database.rows("SELECT count(*), count(DISTINCT blob) FROM citus_ingest.load"))
                .containsExactly("500|500");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "it's \"quoted\"",
                "line\nend\r\ttab",
                "größe/名前/🐦.csv",
                "{braces},\\back,NULL",
                "LONG"
            })
    void any_name_of_a_blob_comes_back_as_it_was(String text) {
        String name = text.replace("LONG", "é".repeat(1024));
        FoundBlob blob = new FoundBlob(name, "\"0x8DB\"", 5_000_000_000L, null);

        assertThat(ledger.register("p", "a", "c", List.of(blob))).isOne();
        assertThat(ledger.register("p", "a", "c", List.of(blob))).isZero();

        Claim claim = claim(ledger, "c").orElseThrow();
        assertThat(claim.blob()).isEqualTo(name);
        assertThat(claim.etag()).isEqualTo("\"0x8DB\"");
        assertThat(claim.sizeBytes()).isEqualTo(5_000_000_000L);
        assertThat(claim.source()).isEqualTo("c/" + name);
    }

    @Test
    void loads_are_claimed_in_the_order_in_which_they_were_found_and_only_those_that_wait() {
        ledger.register("p", "a", "c", List.of(blob("b"), blob("a"), blob("z")));
        ledger.register(
                "p", "a", "c", List.of(new FoundBlob("dir/", "1", 0, "a directory marker")));
        ledger.register("q", "a", "c", List.of(blob("other")));

        assertThat(claimed()).isEqualTo("b");
        assertThat(claimed()).isEqualTo("a");
        assertThat(claimed()).isEqualTo("z");
        assertThat(claim(ledger, "c")).isEmpty();
        assertThat(claim(ledger, "elsewhere")).isEmpty();
    }

    @Test
    void no_load_is_claimed_by_two_of_eight_owners() {
        int loads = 500;
        ledger.register("p", "a", "c", blobs(loads));
        Map<Long, String> owners = new ConcurrentHashMap<>();

        Together.run(
                8,
                thread -> {
                    try (HikariDataSource one = new HikariDataSource()) {
                        one.setDataSource(database.dataSource());
                        one.setMaximumPoolSize(1);
                        try (Ledger mine = new Ledger(one, "owner " + thread, LONG)) {
                            for (Optional<Claim> claim = claim(mine, "c");
                                    claim.isPresent();
                                    claim = claim(mine, "c")) {
                                assertThat(owners.put(claim.get().id(), mine.owner())).isNull();
                            }
                        }
                    }
                });

        assertThat(owners).hasSize(loads);
        assertThat(database.rows("SELECT DISTINCT state, attempts FROM citus_ingest.load"))
                .containsExactly("loading|1");
        assertThat(owners.values().stream().distinct().count()).isGreaterThan(1);
    }

    @Test
    void a_heartbeat_keeps_a_lease_and_without_it_another_takes_over() {
        Ledger mortal = new Ledger(database.dataSource(), "mortal", SHORT);
        mortal.register("p", "a", "c", List.of(blob("x")));
        Claim first = claim(mortal, "c").orElseThrow();
        String lease = lease();

        await().until(() -> !lease().equals(lease));
        assertThat(claim(ledger, "c")).isEmpty();
        mortal.close();

        Claim second = await().until(() -> claim(ledger, "c"), Optional::isPresent).orElseThrow();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(database.ask("SELECT owner FROM citus_ingest.load")).isEqualTo("first");
    }

    @Test
    void only_the_holder_of_a_claim_can_end_it() {
        Ledger mortal = new Ledger(database.dataSource(), "mortal", SHORT);
        mortal.register("p", "a", "c", List.of(blob("x")));
        Claim lost = claim(mortal, "c").orElseThrow();
        mortal.close();
        Claim held = await().until(() -> claim(ledger, "c"), Optional::isPresent).orElseThrow();

        assertThat(mortal.fail(lost, "late")).isFalse();
        assertThat(mortal.retry(lost, Duration.ZERO, "late")).isFalse();
        assertThat(mortal.skip(lost, "late")).isFalse();
        assertThat(mortal.finishEmpty(lost)).isFalse();
        assertThat(mortal.published(lost)).isFalse();
        assertThat(database.rows("SELECT state, owner, error FROM citus_ingest.load"))
                .containsExactly("loading|first|null");

        assertThat(ledger.fail(held, "two\nlines\0")).isTrue();
        assertThat(ledger.fail(held, "again")).isFalse();
        assertThat(ledger.finishEmpty(held)).isFalse();
        assertThat(database.rows("SELECT state, error FROM citus_ingest.load"))
                .containsExactly("failed|two\nlines ");
    }

    @Test
    void a_load_to_be_tried_again_waits_until_then() {
        ledger.register("p", "a", "c", List.of(blob("later"), blob("now")));
        assertThat(ledger.retry(claim(ledger, "c").orElseThrow(), LONG, "busy")).isTrue();
        assertThat(claimed()).isEqualTo("now");
        assertThat(claim(ledger, "c")).isEmpty();

        database.execute(
                "UPDATE citus_ingest.load SET lease_until = now() WHERE state = 'waiting'");

        Claim again = claim(ledger, "c").orElseThrow();
        assertThat(again.blob()).isEqualTo("later");
        assertThat(again.attempt()).isEqualTo(2);
    }

    @Test
    void a_failed_load_is_claimed_again_only_when_it_is_reopened() {
        ledger.register("p", "a", "c", List.of(blob("x")));
        ledger.fail(claim(ledger, "c").orElseThrow(), "bad");
        assertThat(claim(ledger, "c")).isEmpty();

        assertThat(ledger.reopenFailed("p", "c")).isOne();

        assertThat(claim(ledger, "c").orElseThrow().attempt()).isOne();
    }

    @Test
    void a_key_is_claimed_by_one_and_the_other_is_told_by_whom() {
        Claim claim = ((ClaimOutcome.Claimed) ledger.claimKey("p", "k")).claim();
        Ledger other = new Ledger(database.dataSource(), "other", LONG);

        assertThat(other.claimKey("p", "k"))
                .isInstanceOfSatisfying(
                        ClaimOutcome.Held.class,
                        held -> assertThat(held.owner()).isEqualTo("first"));
        ledger.fail(claim, "bad");
        Claim second = ((ClaimOutcome.Claimed) other.claimKey("p", "k")).claim();
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(other.finishEmpty(second)).isTrue();
        assertThat(ledger.claimKey("p", "k"))
                .isEqualTo(new ClaimOutcome.AlreadyLoaded(second.id()));
    }

    @Test
    void a_key_that_fails_while_another_asks_for_it_is_not_taken_for_loaded() {
        AtomicReference<Claim> claim = new AtomicReference<>();
        claim.set(((ClaimOutcome.Claimed) ledger.claimKey("p", "k")).claim());
        AtomicBoolean once = new AtomicBoolean();
        // Between the attempt to claim and the look at who holds it, the holder gives up.
        DataSource slow =
                FaultyDataSource.of(
                        database.dataSource(),
                        (method, sql, connection) -> {
                            if (sql.startsWith("SELECT id, state")
                                    && once.compareAndSet(false, true)) {
                                ledger.fail(claim.get(), "bad");
                            }
                        });

        ClaimOutcome outcome = new Ledger(slow, "other", LONG).claimKey("p", "k");

        assertThat(once).isTrue();
        assertThat(outcome).isInstanceOf(ClaimOutcome.Claimed.class);
    }

    @Test
    void times_are_those_of_the_database() throws Exception {
        ledger.register("p", "a", "c", List.of(blob("x")));
        Claim claim = claim(ledger, "c").orElseThrow();
        try (Connection connection = database.dataSource().getConnection();
                PreparedStatement statement =
                        connection.prepareStatement(
                                "SELECT lease_until - now() BETWEEN interval '4 minutes' AND interval '5 minutes'"
                                        + " FROM citus_ingest.load WHERE id = ?")) {
            statement.setLong(1, claim.id());
            try (ResultSet row = statement.executeQuery()) {
                assertThat(row.next()).isTrue();
                assertThat(row.getBoolean(1)).isTrue();
            }
        }
    }

    private String claimed() {
        return claim(ledger, "c").orElseThrow().blob();
    }

    private static Optional<Claim> claim(Ledger by, String container) {
        return by.claim("p", "a", container, 100, Overwrite.append);
    }

    private String lease() {
        return database.ask("SELECT lease_until FROM citus_ingest.load");
    }

    private static FoundBlob blob(String name) {
        return new FoundBlob(name, "1", 1, null);
    }

    private static List<FoundBlob> blobs(int count) {
        return IntStream.range(0, count).mapToObj(i -> blob("blob " + i)).toList();
    }
}
