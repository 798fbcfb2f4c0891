package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.citusingest.FaultyDataSource;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a process keeps a load, loses it, and gives it back. */
@Timeout(60)
class LeaseTest {
    private static final Duration SHORT = Duration.ofSeconds(1);

    private final TestDatabase database = TestDatabase.fresh();
    private final Blobs blobs = new Blobs(database, "p");

    @BeforeEach
    void createTable() {
        database.execute("CREATE TABLE item (id int, _load_id bigint)");
    }

    @Test
    void a_publish_that_hangs_holds_up_no_other_lease_and_is_not_taken_over() throws Exception {
        try (Ledger mortal = new Ledger(database.dataSource(), SHORT);
                Connection hanging = database.dataSource().getConnection()) {
            blobs.found("hangs", "1");
            Claim claim = blobs.next(mortal, Overwrite.append).orElseThrow();
            AtomicBoolean lost = new AtomicBoolean();
            mortal.onLost(claim, () -> lost.set(true));
            hanging.setAutoCommit(false);
            mortal.publish(hanging, claim, new Publication(List.of(), 0, 0, Optional.empty()));
            blobs.found("other", "1");
            Claim other = blobs.next(mortal, Overwrite.append).orElseThrow();

            // The lease of the one that hangs ends in the ledger, the other one's is renewed.
            await().until(() -> ended(claim) && leases(other) > 3);
            assertThat(blobs.next(Overwrite.append)).isEmpty();
            assertThat(lost).isFalse();

            hanging.commit();
            assertThat(mortal.published(claim)).isTrue();
        }
    }

    private final java.util.Set<String> seen = new java.util.HashSet<>();

    private int leases(Claim claim) {
        seen.add(
                database.ask("SELECT lease_until FROM citus_ingest.load WHERE id = " + claim.id()));
        return seen.size();
    }

    private boolean ended(Claim claim) {
        return database.ask(
                        "SELECT lease_until < now() FROM citus_ingest.load WHERE id = "
                                + claim.id())
                .equals("t");
    }

    @Test
    void ranges_that_are_committed_all_the_time_do_not_keep_a_lease_from_being_renewed()
            throws Exception {
        try (Ledger mortal = new Ledger(database.dataSource(), SHORT)) {
            blobs.found("x", "1");
            Claim claim = blobs.next(mortal, Overwrite.append).orElseThrow();
            AtomicBoolean done = new AtomicBoolean();
            Together.run(
                    3,
                    thread -> {
                        if (thread == 0) {
                            await().until(() -> leases(claim) > 6);
                            done.set(true);
                        }
                        for (int i = 0; !done.get(); i++) {
                            blobs.commitRange(claim, thread * 1_000_000 + i * 10, 1, 0);
                        }
                    });

            assertThat(blobs.next(Overwrite.append)).isEmpty();
        }
    }

    @Test
    void whoever_works_on_a_load_that_another_took_over_is_told() {
        try (Ledger mortal = new Ledger(database.dataSource(), SHORT)) {
            blobs.found("x", "1");
            Claim claim = blobs.next(mortal, Overwrite.append).orElseThrow();
            CountDownLatch lost = new CountDownLatch(2);
            mortal.onLost(
                    claim,
                    () -> {
                        lost.countDown();
                        throw new IllegalStateException("one that fails does not hide the next");
                    });
            mortal.onLost(claim, lost::countDown);
            database.execute("UPDATE citus_ingest.load SET owner = 'another'");

            await().until(() -> lost.getCount() == 0);
            AtomicBoolean late = new AtomicBoolean();
            mortal.onLost(claim, () -> late.set(true));
            assertThat(late).isTrue();
        }
    }

    @Test
    void a_lease_that_cannot_be_renewed_for_its_whole_length_is_lost() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        AtomicBoolean unreachable = new AtomicBoolean();
        AtomicInteger hung = new AtomicInteger();
        try (Ledger mortal =
                new Ledger(
                        database.dataSource(),
                        FaultyDataSource.of(
                                database.dataSource(),
                                (method, sql, connection) -> {
                                    if (unreachable.get() && method.equals("prepareStatement")) {
                                        hung.incrementAndGet();
                                        arrive(hang);
                                        throw new SQLException("no answer", "08006");
                                    }
                                }),
                        SHORT)) {
            blobs.found("x", "1");
            Claim claim = blobs.next(mortal, Overwrite.append).orElseThrow();
            CountDownLatch lost = new CountDownLatch(1);
            mortal.onLost(claim, lost::countDown);
            await().until(() -> leases(claim) > 3);
            assertThat(lost.getCount()).isOne();

            unreachable.set(true);

            assertThat(lost.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(hung.get()).isPositive();
            hang.countDown();
        }
    }

    private static void arrive(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_load_that_kills_its_process_again_and_again_is_given_up() {
        blobs.found("poison", "1");
        blobs.found("good", "1");
        for (int attempt = 1; attempt <= 3; attempt++) {
            Claim claim = blobs.next(Overwrite.append).orElseThrow();
            assertThat(claim.blob()).isEqualTo("poison");
            assertThat(claim.attempt()).isEqualTo(attempt);
            database.execute(
                    "UPDATE citus_ingest.load SET lease_until = now() - interval '1 s'"
                            + " WHERE state = 'loading'");
        }

        assertThat(blobs.next(Overwrite.append).orElseThrow().blob()).isEqualTo("good");
        assertThat(blobs.next(Overwrite.append)).isEmpty();

        assertThat(blobs.loads().get(0))
                .startsWith("1|failed|0|0|its process died 3 times while loading it, last ")
                .endsWith("so it is given up: look into the log of that, then reload it");
    }

    @Test
    void whoever_takes_a_load_over_ends_what_its_last_owner_left_in_the_database()
            throws Exception {
        Claim claim = blobs.claim("x", "1", Overwrite.append);
        try (Connection left = database.dataSource().getConnection();
                Connection other = database.dataSource().getConnection();
                Statement statement = left.createStatement();
                Statement otherStatement = other.createStatement()) {
            statement.execute(
                    "SET application_name = 'citus-ingest load %d/1'".formatted(claim.id()));
            otherStatement.execute(
                    "SET application_name = 'citus-ingest load %d1/1'".formatted(claim.id()));
            left.setAutoCommit(false);
            statement.execute("LOCK TABLE item");
            database.execute("UPDATE citus_ingest.load SET lease_until = now() - interval '1 s'");

            Claim next = blobs.next(Overwrite.append).orElseThrow();
            blobs.publish(next, 1, 0, Optional.empty());

            assertThatThrownBy(() -> statement.execute("SELECT 1"))
                    .isInstanceOf(SQLException.class);
            otherStatement.execute("SELECT 1");
        }
    }

    @Test
    void a_session_of_several_loads_is_ended_once_its_owner_is_gone_and_not_before()
            throws Exception {
        Claim first = blobs.claim("x", "1", Overwrite.append);
        Claim second = blobs.claim("y", "1", Overwrite.append);
        try (Connection shared = database.dataSource().getConnection();
                Statement statement = shared.createStatement()) {
            statement.execute(
                    "SET application_name = '%s'".formatted(Backends.name(List.of(first, second))));
            String expire =
                    "UPDATE citus_ingest.load SET lease_until = now() - interval '1 s' WHERE id = ";

            // The first one's owner lives, so that the second is none of this session's.
            database.execute(expire + second.id());
            Claim again = blobs.next(Overwrite.append).orElseThrow();
            assertThat(again.id()).isEqualTo(second.id());
            statement.execute("SELECT 1");

            database.execute(expire + first.id());
            database.execute(expire + second.id());
            database.execute(
                    "UPDATE citus_ingest.load SET lease_until = now() + interval '1 h', state = 'waiting' WHERE id = "
                            + first.id());
            assertThat(blobs.next(Overwrite.append).orElseThrow().id()).isEqualTo(second.id());
            assertThatThrownBy(() -> statement.execute("SELECT 1"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void an_owner_that_stands_still_with_the_row_of_its_load_keeps_nobody_from_it()
            throws Exception {
        Claim claim = blobs.claim("x", "1", Overwrite.append);
        try (Connection still = database.dataSource().getConnection();
                Statement statement = still.createStatement()) {
            statement.execute(
                    "SET application_name = 'citus-ingest load %d/1'".formatted(claim.id()));
            database.execute("UPDATE citus_ingest.load SET lease_until = now() - interval '1 h'");
            still.setAutoCommit(false);
            // As at the end of a batch.
            statement.execute("SELECT FROM citus_ingest.load FOR SHARE");

            await().until(() -> blobs.next(Overwrite.append).isPresent());

            assertThatThrownBy(still::commit).isInstanceOf(SQLException.class);
        }
        assertThat(database.rows("SELECT state, attempts FROM citus_ingest.load"))
                .containsExactly("loading|2");
    }

    @Test
    void an_outage_is_no_attempt_and_still_fences_the_claim_before_it() throws Exception {
        Claim before = blobs.claim("x", "1", Overwrite.append);
        assertThat(blobs.ledger.retry(before, Duration.ZERO, "outage", false)).isTrue();

        Claim after = blobs.next(Overwrite.append).orElseThrow();

        assertThat(after.attempt()).isOne();
        assertThatThrownBy(() -> blobs.publish(before, 1, 0, Optional.empty()))
                .isInstanceOf(LedgerException.class);
        assertThat(blobs.ledger.fail(before, "late")).isFalse();
        assertThat(blobs.ledger.published(before)).isFalse();
        assertThat(blobs.ledger.retry(after, Duration.ZERO, "bad", true)).isTrue();
        assertThat(blobs.next(Overwrite.append).orElseThrow().attempt()).isEqualTo(2);
    }

    @Test
    void a_process_that_stops_gives_its_loads_back_at_once() throws Exception {
        Claim first = blobs.claim("x", "1", Overwrite.append);
        blobs.claim("y", "1", Overwrite.append);
        AtomicBoolean told = new AtomicBoolean();
        blobs.ledger.onLost(first, () -> told.set(true));

        assertThat(blobs.ledger.releaseAll()).isEqualTo(2);

        assertThat(told).isTrue();
        assertThatThrownBy(() -> blobs.publish(first, 1, 0, Optional.empty()))
                .isInstanceOf(LedgerException.class);
        try (Ledger next = new Ledger(database.dataSource())) {
            Claim again = blobs.next(next, Overwrite.append).orElseThrow();
            assertThat(again.id()).isEqualTo(first.id());
            assertThat(again.attempt()).isOne();
        }
    }

    @Test
    void a_commit_that_never_ends_is_ended_by_whoever_asks_for_its_outcome() throws Exception {
        try (Ledger mortal = new Ledger(database.dataSource(), SHORT);
                Connection hanging = database.dataSource().getConnection();
                Statement statement = hanging.createStatement()) {
            blobs.found("x", "1");
            Claim claim = blobs.next(mortal, Overwrite.append).orElseThrow();
            hanging.setAutoCommit(false);
            mortal.publish(hanging, claim, new Publication(List.of(), 0, 0, Optional.empty()));

            // Whose it is cannot be seen: nobody ends it, nobody guesses.
            assertThatThrownBy(() -> mortal.published(claim))
                    .isInstanceOf(LedgerException.class)
                    .hasMessageContaining("nobody can say yet whether its rows are in")
                    .satisfies(e -> assertThat(Failure.isPermanent(e)).isFalse());

            statement.execute(
                    "SET LOCAL application_name = 'citus-ingest load %d/1'".formatted(claim.id()));
            assertThat(mortal.published(claim)).isFalse();
        }
    }
}
