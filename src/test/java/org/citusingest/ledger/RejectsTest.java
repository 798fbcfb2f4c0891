package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.citusingest.FaultyDataSource;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rejected rows, ranges that are committed one by one, and what a person does about either. */
class RejectsTest {
    private final TestDatabase database = TestDatabase.fresh();
    private final Blobs blobs = new Blobs(database, "p");
    private final Ledger ledger = blobs.ledger;

    @BeforeEach
    void createTable() {
        database.execute("CREATE TABLE item (id int, _load_id bigint)");
    }

    @Test
    void rejected_rows_are_committed_with_the_good_ones() throws Exception {
        Claim claim = blobs.claim("x", "1", Overwrite.append);

        blobs.publish(claim, 3, 2500, Optional.empty());

        assertThat(blobs.loads()).containsExactly("1|loaded|3|2500|null");
        assertThat(database.rows("SELECT rows_rejected FROM citus_ingest.batch"))
                .containsExactly("2500");
        List<RejectRecord> kept = read(claim);
        assertThat(kept).hasSize(2500).allMatch(RejectRecord::published);
        assertThat(kept.get(1).source()).isEqualTo("c/x");
        assertThat(kept.get(1).row())
                .usingRecursiveComparison()
                .isEqualTo(
                        new RejectedRow(
                                5,
                                50,
                                new byte[] {5, 0, -1},
                                "item",
                                "id",
                                "22P02",
                                "no int : '5'"));
        assertThat(kept.get(0).row().byteOffset()).isEqualTo(-1);
    }

    @Test
    void what_a_failed_load_rejected_is_kept_until_another_attempt_knows_better() throws Exception {
        Claim first = blobs.claim("x", "1", Overwrite.append);
        ledger.keepRejects(first, Blobs.HEADER, Blobs.rejects(1, 5));
        ledger.retry(first, java.time.Duration.ZERO, "too many");
        assertThat(read(first)).hasSize(5).noneMatch(RejectRecord::published);
        assertThat(blobs.loads().get(0)).startsWith("1|waiting|0|5");

        Claim second = blobs.next(Overwrite.append).orElseThrow();
        ledger.keepRejects(first, Blobs.HEADER, Blobs.rejects(1, 9));
        ledger.keepRejects(second, Blobs.HEADER, Blobs.rejects(3, 1));
        assertThat(read(first)).hasSize(1);
        blobs.publish(second, 3, 2, Optional.empty());

        assertThat(read(first)).hasSize(2).allMatch(RejectRecord::published);
    }

    @Test
    void ranges_are_committed_one_by_one_and_never_twice() throws Exception {
        Claim first = blobs.claim("x", "1", Overwrite.append);
        blobs.commitRange(first, 0, 4, 1);
        assertThatThrownBy(() -> blobs.commitRange(first, 0, 4, 1))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("batch_range");
        ledger.retry(first, java.time.Duration.ZERO, "broken");
        Claim second = blobs.next(Overwrite.append).orElseThrow();

        assertThat(ledger.committed(second)).containsExactly(Blobs.range(0, 4, 1));
        assertThatThrownBy(() -> blobs.commitRange(first, 5, 3, 0))
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("is no longer this process's");
        blobs.commitRange(second, 5, 3, 0);
        Publication published = ledger.publishRanges(second, Optional.empty());

        assertThat(published.rowsCopied()).isEqualTo(7);
        assertThat(published.rowsRejected()).isOne();
        assertThat(blobs.loads()).containsExactly("1|loaded|7|1|null");
        assertThat(database.count("item")).isEqualTo(7);
    }

    @Test
    void ranges_are_published_when_only_the_answer_is_lost() throws Exception {
        AtomicBoolean once = new AtomicBoolean();
        Ledger unlucky =
                new Ledger(
                        FaultyDataSource.of(
                                database.dataSource(),
                                (method, sql, connection) -> {
                                    if (method.equals("commit")
                                            && once.compareAndSet(false, true)) {
                                        connection.commit();
                                        throw new SQLException("reset", "08006");
                                    }
                                }));
        blobs.found("x", "1");
        Claim claim = blobs.next(unlucky, Overwrite.append).orElseThrow();
        blobs.commitRange(claim, 0, 4, 1);

        assertThat(unlucky.publishRanges(claim, Optional.empty()).rowsCopied()).isEqualTo(4);
        assertThat(once).isTrue();
        assertThat(blobs.loads()).containsExactly("1|loaded|4|1|null");
    }

    @Test
    void a_replay_takes_the_rejected_rows_up_and_leaves_its_parent_without_any() throws Exception {
        Claim parent = blobs.claim("x", "1", Overwrite.append);
        blobs.publish(parent, 3, 2, Optional.empty());

        Replay replay = ledger.openReplay(parent.id());
        assertThat(replay.header()).isEqualTo(Blobs.HEADER);
        assertThat(replay.rows()).extracting(RejectedRow::rowNumber).containsExactly(4L, 5L);
        assertThatThrownBy(() -> ledger.openReplay(parent.id()))
                .hasMessageContaining("is being replayed");
        ledger.fail(replay.claim(), "still bad");
        Replay again = ledger.openReplay(parent.id());
        assertThat(again.claim().id()).isEqualTo(replay.claim().id());
        blobs.publish(again.claim(), 1, 1, Optional.empty());

        assertThat(blobs.loads()).containsExactly("1|loaded|3|0|null", "1+replay1|loaded|1|1|null");
        assertThat(read(parent)).allMatch(one -> one.replay() == again.claim().id());
        assertThatThrownBy(() -> ledger.openReplay(parent.id()))
                .hasMessageContaining("has no rejected row that is not in its table yet");
        assertThat(ledger.openReplay(again.claim().id()).rows()).hasSize(1);
    }

    @Test
    void a_replay_of_an_unloaded_load_publishes_nothing() throws Exception {
        Claim parent = blobs.claim("x", "1", Overwrite.append);
        blobs.publish(parent, 3, 2, Optional.empty());
        Replay replay = ledger.openReplay(parent.id());
        assertThatThrownBy(() -> ledger.unload(parent.id(), Optional.empty()))
                .hasMessageContaining("is being loaded by");
        database.execute(
                "UPDATE citus_ingest.load SET state = 'skipped' WHERE id = " + parent.id());

        assertThatThrownBy(() -> blobs.publish(replay.claim(), 2, 0, Optional.empty()))
                .hasMessageContaining("has been replaced or unloaded");

        assertThat(database.count("item")).isEqualTo(3);
    }

    @Test
    void a_replay_is_not_claimed_as_a_blob_and_given_up_when_its_process_dies() throws Exception {
        Claim parent = blobs.claim("x", "1", Overwrite.append);
        blobs.publish(parent, 3, 2, Optional.empty());
        Replay replay = ledger.openReplay(parent.id());
        ledger.retry(replay.claim(), java.time.Duration.ZERO, "broken");
        assertThat(blobs.next(Overwrite.append)).isEmpty();
        assertThat(ledger.backlog(List.of("p")).loads()).isZero();
        ledger.openReplay(parent.id());
        database.execute("UPDATE citus_ingest.load SET lease_until = now() - interval '1 s'");
        blobs.found("x", "2");

        assertThat(blobs.next(Overwrite.append).orElseThrow().etag()).isEqualTo("2");

        assertThat(blobs.loads().get(1))
                .isEqualTo(
                        "1+replay1|failed|0|0|its process died while replaying it: replay it again");
    }

    @Test
    void unloading_takes_the_rows_of_a_load_and_of_its_replays_out_and_reloading_lets_them_in()
            throws Exception {
        database.execute("CREATE TABLE removed (ids text)");
        Claim parent = blobs.claim("x", "1", Overwrite.append);
        blobs.publish(parent, 3, 2, Optional.empty());
        blobs.publish(ledger.openReplay(parent.id()).claim(), 2, 0, Optional.empty());
        blobs.summarize("SELECT 1");

        long removed =
                ledger.unload(
                        parent.id(),
                        Optional.of(
                                "INSERT INTO removed VALUES (current_setting('citus_ingest.load_ids'))"));

        assertThat(removed).isEqualTo(5);
        assertThat(database.count("item")).isZero();
        assertThat(database.rows("SELECT * FROM removed")).containsExactly("1,2");
        assertThat(database.count("citus_ingest.batch")).isZero();
        assertThat(blobs.loads())
                .containsExactly("1|skipped|0|0|unloaded", "1+replay1|skipped|0|0|unloaded");
        assertThat(read(parent)).hasSize(2).noneMatch(RejectRecord::published);
        assertThatThrownBy(() -> ledger.unload(parent.id(), Optional.empty()))
                .hasMessageContaining("is skipped: it has no rows that could be taken out");

        assertThat(ledger.reload(parent.id(), Optional.empty())).isZero();
        blobs.publish(blobs.next(Overwrite.append).orElseThrow(), 4, 1, Optional.empty());
        assertThat(read(parent)).hasSize(1);
        assertThat(ledger.reload(parent.id(), Optional.empty())).isEqualTo(4);
        assertThat(blobs.loads().get(0)).isEqualTo("1|waiting|0|0|null");
        assertThat(database.ask("SELECT summarized_at FROM citus_ingest.load")).isEqualTo("null");
    }

    @Test
    void unloading_reaches_the_replays_of_replays() throws Exception {
        Claim parent = blobs.claim("x", "1", Overwrite.append);
        blobs.publish(parent, 3, 2, Optional.empty());
        Claim replay = ledger.openReplay(parent.id()).claim();
        blobs.publish(replay, 1, 1, Optional.empty());
        blobs.publish(ledger.openReplay(replay.id()).claim(), 1, 0, Optional.empty());

        assertThat(ledger.unload(parent.id(), Optional.empty())).isEqualTo(5);

        assertThat(database.count("item")).isZero();
        assertThat(blobs.loads()).allMatch(load -> load.contains("|skipped|"));
    }

    @Test
    void unloading_a_replay_opens_the_rejected_rows_again_and_reloading_one_is_refused()
            throws Exception {
        Claim parent = blobs.claim("x", "1", Overwrite.append);
        blobs.publish(parent, 3, 2, Optional.empty());
        Claim replay = ledger.openReplay(parent.id()).claim();
        blobs.publish(replay, 2, 0, Optional.empty());
        assertThat(ledger.load(replay.id()).orElseThrow().replayOf()).isEqualTo(parent.id());
        assertThatThrownBy(() -> ledger.reload(replay.id(), Optional.empty()))
                .hasMessageContaining("is a replay of load 1 and has no source of its own");

        assertThat(ledger.unload(replay.id(), Optional.empty())).isEqualTo(2);

        assertThat(database.count("item")).isEqualTo(3);
        assertThat(blobs.loads())
                .containsExactly("1|loaded|3|2|null", "1+replay1|skipped|0|0|unloaded");
        assertThat(read(parent)).hasSize(2).allMatch(one -> one.replay() == null);
        blobs.publish(ledger.openReplay(parent.id()).claim(), 2, 0, Optional.empty());
        assertThat(blobs.loads().get(2)).isEqualTo("1+replay2|loaded|2|0|null");
    }

    @Test
    void a_replay_that_failed_on_the_way_is_unloaded_before_the_next_one() throws Exception {
        Claim parent = blobs.claim("x", "1", Overwrite.append);
        blobs.publish(parent, 3, 2, Optional.empty());
        Claim replay = ledger.openReplay(parent.id()).claim();
        blobs.commitRange(replay, 0, 1, 0);
        ledger.fail(replay, "bad row");

        assertThatThrownBy(() -> ledger.openReplay(parent.id()))
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("citus-ingest unload --load " + replay.id());

        assertThat(ledger.unload(replay.id(), Optional.empty())).isOne();
        assertThat(ledger.openReplay(parent.id()).claim().id()).isGreaterThan(replay.id());
    }

    @Test
    void a_load_that_filled_several_tables_is_not_replayed() throws Exception {
        Claim parent = blobs.claim("x", "1", Overwrite.append);
        blobs.publish(parent, 3, 2, Optional.empty());
        database.execute(
                "INSERT INTO citus_ingest.batch (load_id, table_name, range_from, range_to, rows_copied)"
                        + " VALUES (1, 'other', 0, 1, 5)");

        assertThatThrownBy(() -> ledger.openReplay(parent.id()))
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("has filled several tables");

        assertThat(blobs.loads()).hasSize(1);
    }

    @Test
    void reloading_a_load_that_failed_on_the_way_keeps_what_is_in() throws Exception {
        Claim claim = blobs.claim("x", "1", Overwrite.append);
        blobs.commitRange(claim, 0, 4, 0);
        ledger.fail(claim, "bad row");
        assertThatThrownBy(() -> ledger.skip(claim.id(), "no"))
                .hasMessageContaining("is failed and some of its rows are in");

        ledger.reload(claim.id(), Optional.empty());

        Claim again = blobs.next(Overwrite.append).orElseThrow();
        assertThat(again.attempt()).isOne();
        assertThat(ledger.committed(again)).hasSize(1);
        ledger.fail(again, "bad row");
        assertThat(ledger.unload(claim.id(), Optional.empty())).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"waiting,true", "failed,true", "skipped,false", "loaded,false", "loading,false"})
    void only_a_load_that_is_not_in_can_be_skipped(String state, boolean can) {
        blobs.found("x", "1");
        database.execute(
                "UPDATE citus_ingest.load SET state = '%s', owner = 'me', lease_until = now()"
                        .formatted(state));
        if (can) {
            ledger.skip(1, "not wanted");
            assertThat(blobs.loads()).containsExactly("1|skipped|0|0|not wanted");
        } else {
            assertThatThrownBy(() -> ledger.skip(1, "not wanted"))
                    .isInstanceOf(LedgerException.class)
                    .hasMessageContaining(
                            state.equals("loading")
                                    ? "me is loading it, with a lease until"
                                    : state);
            assertThat(blobs.loads().get(0)).startsWith("1|" + state);
        }
    }

    @Test
    void a_load_is_found_by_the_name_of_its_source() {
        blobs.found("dir/x", "1", "2");

        assertThat(ledger.versions(Optional.of("p"), "c/dir/x"))
                .extracting(LoadRecord::etag)
                .containsExactly("2", "1");
        assertThat(ledger.versions(Optional.empty(), "dir/x")).hasSize(2);
        assertThat(ledger.versions(Optional.of("q"), "dir/x")).isEmpty();
        assertThatThrownBy(() -> ledger.reload(99, Optional.empty()))
                .hasMessageContaining("There is no load 99");
    }

    private List<RejectRecord> read(Claim claim) {
        List<RejectRecord> kept = new ArrayList<>();
        ledger.rejects(Optional.of(claim.id()), 10_000, kept::add);
        return kept;
    }
}
