package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a version of a blob does to the other versions of it. */
class OverwriteTest {
    private static final String TAKE_OUT =
            "INSERT INTO removed VALUES (current_setting('citus_ingest.load_ids'))";

    private final TestDatabase database = TestDatabase.fresh();
    private final Blobs blobs = new Blobs(database, "p");

    @BeforeEach
    void createTables() {
        database.execute(
                "CREATE TABLE item (id int, _load_id bigint)", "CREATE TABLE removed (ids text)");
    }

    @Test
    void an_appended_version_leaves_the_other_one_alone() throws Exception {
        Claim first = blobs.load("x", "1", Overwrite.append, 2);
        Claim second = blobs.load("x", "2", Overwrite.append, 3);

        assertThat(blobs.items()).containsExactly(first.id() + "|2", second.id() + "|3");
    }

    @Test
    void a_replacing_version_takes_the_rows_of_the_older_ones_out_and_of_their_summary()
            throws Exception {
        blobs.load("other", "1", Overwrite.append, 1);
        Claim first = blobs.load("x", "1", Overwrite.append, 2);
        blobs.summarize("SELECT 1");
        blobs.load("x", "2", Overwrite.append, 3);
        Claim third = blobs.claim("x", "3", Overwrite.replace);

        blobs.publish(third, 4, 0, Optional.of(TAKE_OUT));

        String replaced = "skipped|0|0|replaced by load " + third.id();
        assertThat(blobs.loads())
                .containsExactly(
                        "1|loaded|1|0|null", "1|" + replaced, "2|" + replaced, "3|loaded|4|0|null");
        assertThat(blobs.items()).containsExactly("1|1", third.id() + "|4");
        assertThat(database.rows("SELECT * FROM removed")).containsExactly("" + first.id());
        assertThat(database.rows("SELECT DISTINCT load_id FROM citus_ingest.batch ORDER BY 1"))
                .containsExactly("1", "" + third.id());
    }

    @Test
    void ranges_that_an_older_version_committed_before_it_failed_are_replaced_too()
            throws Exception {
        Claim first = blobs.claim("x", "1", Overwrite.replace);
        blobs.commitRange(first, 0, 5, 0);
        blobs.ledger.fail(first, "bad");

        Claim second = blobs.load("x", "2", Overwrite.replace, 2);

        assertThat(blobs.items()).containsExactly(second.id() + "|2");
    }

    @Test
    void an_empty_version_replaces_too() throws Exception {
        blobs.load("x", "1", Overwrite.append, 2);
        Claim second = blobs.claim("x", "2", Overwrite.replace);

        blobs.ledger.publishRanges(second, Optional.empty());

        assertThat(blobs.items()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"ignore,skipped", "fail,failed"})
    void a_version_that_is_not_wanted_is_not_even_claimed(Overwrite overwrite, String state)
            throws Exception {
        Claim first = blobs.load("x", "1", overwrite, 2);
        blobs.found("x", "2", "3");
        blobs.found("y", "1");

        assertThat(blobs.next(overwrite).orElseThrow().blob()).isEqualTo("y");

        String reason =
                "|%s|0|0|c/x: another version 1 of this blob is loaded (load %d), and onOverwrite=%s"
                        .formatted(state, first.id(), overwrite);
        assertThat(blobs.loads()).contains("2" + reason, "3" + reason);
    }

    @Test
    void an_older_version_does_not_replace_a_newer_one() throws Exception {
        blobs.found("x", "1");
        Claim older = blobs.next(Overwrite.replace).orElseThrow();
        blobs.found("x", "2");
        // As a person does it who mends the ledger by hand.
        database.execute("UPDATE citus_ingest.load SET state = 'loaded' WHERE etag = '2'");

        assertThatThrownBy(() -> blobs.publish(older, 1, 0, Optional.empty()))
                .isInstanceOfSatisfying(
                        OverwriteException.class, e -> assertThat(e.skipped()).isTrue())
                .hasMessageContaining("the newer version 2 of this blob is loaded");

        assertThat(database.count("item")).isZero();
    }

    @Test
    void nothing_is_replaced_in_a_table_that_does_not_say_which_rows_are_whose() throws Exception {
        blobs.load("x", "1", Overwrite.append, 2);
        database.execute(
                "CREATE TABLE \"no Id\" (id int)",
                "UPDATE citus_ingest.batch SET table_name = '\"no Id\"'");
        Claim second = blobs.claim("x", "2", Overwrite.replace);

        assertThatThrownBy(() -> blobs.publish(second, 1, 0, Optional.empty()))
                .isInstanceOf(LedgerException.class)
                .hasMessageStartingWith("The table \"no Id\" has no column _load_id");

        assertThat(blobs.loads().get(0)).startsWith("1|loaded|2");
    }

    @Test
    void versions_of_one_blob_are_never_loaded_at_once_and_the_newest_stays() throws Exception {
        AtomicInteger etag = new AtomicInteger();
        AtomicInteger published = new AtomicInteger();
        Together.run(
                8,
                thread -> {
                    try (Ledger mine = new Ledger(database.dataSource())) {
                        Blobs others = new Blobs(database, "p", mine);
                        for (int i = 0; i < 5; i++) {
                            others.found("x", "" + etag.incrementAndGet());
                            Optional<Claim> claim = others.next(Overwrite.replace);
                            if (claim.isPresent()) {
                                assertThat(loading()).isOne();
                                others.publish(claim.get(), 2, 0, Optional.empty());
                                published.incrementAndGet();
                            }
                        }
                    }
                });
        for (Optional<Claim> claim = blobs.next(Overwrite.replace);
                claim.isPresent();
                claim = blobs.next(Overwrite.replace)) {
            blobs.publish(claim.get(), 2, 0, Optional.empty());
        }

        assertThat(published.get()).isPositive();
        String newest =
                database.ask("SELECT max(id) FROM citus_ingest.load WHERE state = 'loaded'");
        assertThat(blobs.items()).containsExactly(newest + "|2");
        assertThat(
                        database.rows(
                                "SELECT count(*) FROM citus_ingest.load WHERE state IN ('waiting', 'loading', 'failed')"))
                .containsExactly("0");
    }

    @Test
    void eight_who_ask_for_versions_of_one_blob_get_one_of_them() {
        blobs.found("x", "1", "2", "3", "4", "5", "6", "7", "8");
        AtomicInteger claims = new AtomicInteger();

        Together.run(
                8,
                thread -> {
                    try (Ledger mine = new Ledger(database.dataSource())) {
                        blobs.next(mine, Overwrite.append)
                                .ifPresent(claim -> claims.incrementAndGet());
                    }
                });

        assertThat(claims).hasValue(1);
        assertThat(loading()).isOne();
    }

    private long loading() {
        return database.count("citus_ingest.load WHERE state = 'loading'");
    }
}
