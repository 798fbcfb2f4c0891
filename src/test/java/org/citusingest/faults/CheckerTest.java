package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.citusingest.TestDatabase;
import org.citusingest.ledger.Ledger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A checker that finds nothing wrong proves nothing: here it has to find what is. */
class CheckerTest {
    private final TestDatabase database = TestDatabase.fresh();
    private final Checker checker =
            Checker.of(database, "p", "item")
                    .summary("total", "SELECT count(*) FROM item")
                    .patience(Duration.ofMillis(500));
    private final List<Source> sources =
            List.of(Source.of("a", 1, 10), Source.of("b", 11, 10), Source.of("empty", 21, 0));

    @BeforeEach
    void allIsWell() {
        try (Ledger ledger = new Ledger(database.dataSource())) {
            ledger.install();
        }
        database.execute(
                "CREATE TABLE item (id int, _load_id bigint)",
                "INSERT INTO citus_ingest.load (pipeline, account, container, blob, etag, state, rows_copied, summarized_at)"
                        + " VALUES ('p', '', 'c', 'a', '1', 'loaded', 10, now()),"
                        + " ('p', '', 'c', 'b', '1', 'loaded', 10, now()),"
                        + " ('p', '', 'c', 'empty', '1', 'loaded', 0, now())",
                "INSERT INTO item SELECT id, CASE WHEN id <= 10 THEN 1 ELSE 2 END FROM generate_series(1, 20) AS id",
                "INSERT INTO citus_ingest.batch (load_id, table_name, range_from, range_to, rows_copied)"
                        + " VALUES (1, 'item', 0, 50, 5), (1, 'item', 50, 90, 5), (2, 'item', 0, 80, 10)",
                "CREATE TABLE total (n bigint)",
                "INSERT INTO total VALUES (20)");
    }

    @Test
    void finds_nothing_where_all_is_well() {
        checker.check(sources);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "DELETE FROM item WHERE id = 3 > a has Rows[count=9",
                "INSERT INTO item VALUES (3, 1) > ids are there more than once (id|times|first load|last load), such as: 3|2|1|1",
                "UPDATE item SET id = 12 WHERE id = 3 > 12|2|1|2",
                "UPDATE item SET _load_id = NULL WHERE id = 3 > load -1",
                "UPDATE item SET _load_id = 7 WHERE _load_id = 1 > load 7: Rows[count=10",
                "UPDATE citus_ingest.load SET state = 'failed' WHERE id = 2 > b has 0 published loads",
                "UPDATE citus_ingest.load SET state = 'failed' WHERE id = 2 > not published, such as: load 2",
                "UPDATE citus_ingest.load SET state = 'loading' WHERE id = 3 > are not finished",
                "UPDATE citus_ingest.load SET lease_until = now() WHERE id = 1 > hold a lease",
                "UPDATE citus_ingest.load SET rows_copied = 9 WHERE id = 1 > copied=9",
                "UPDATE citus_ingest.load SET rows_rejected = 1 WHERE id = 1 > rejected=1",
                "UPDATE citus_ingest.load SET summarized_at = NULL WHERE id = 1 > not in the summary",
                "UPDATE citus_ingest.batch SET rows_copied = 4 WHERE range_from = 50 > 1|10|9",
                "UPDATE citus_ingest.batch SET range_from = 51 WHERE range_from = 50 > 1|item|50|51",
                "UPDATE total SET n = 19 > not what a recount gives",
            })
    void finds_what_is_wrong(String sql, String found) {
        database.execute(sql);

        assertThatThrownBy(() -> checker.check(sources))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(found);
    }

    @Test
    void finds_a_bad_row_that_was_not_rejected() {
        List<Source> withBadRow =
                List.of(sources.get(0), new Source("b", 11, 10, List.of(15L)), sources.get(2));

        assertThatThrownBy(() -> checker.check(withBadRow))
                .hasMessageContaining("bad rows are in the table (id), such as: 15")
                .hasMessageContaining("bad rows 1");
    }

    @Test
    void finds_connections_transactions_and_locks_that_are_left() throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET application_name = 'citus-ingest'");
            statement.execute("SELECT pg_advisory_lock(1)");

            assertThatThrownBy(() -> checker.check(sources))
                    .hasMessageContaining("1 backends are left")
                    .hasMessageContaining("1 advisory locks are left");
        }
    }

    @Test
    void finds_a_heartbeat_that_goes_on() {
        Thread thread = new Thread(() -> await(checker), "citus-ingest heartbeat");
        thread.setDaemon(true);
        thread.start();

        assertThatThrownBy(() -> checker.check(sources))
                .hasMessageContaining("1 threads of heartbeats");
        thread.interrupt();
    }

    private static void await(Object object) {
        synchronized (object) {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    object.wait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void finds_a_secret_in_what_was_printed() {
        assertThatThrownBy(
                        () ->
                                Checker.checkSecrets(
                                        List.of("canary"), List.of("fine", "all\nis canary here")))
                .hasMessageContaining("is canary here");
    }
}
