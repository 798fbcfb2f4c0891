package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.ask;
import static org.citusingest.ledger.LedgerDatabase.ids;
import static org.citusingest.ledger.LedgerDatabase.update;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Whether the rows of a load are on all nodes. On Citus a commit is acknowledged when the
 * coordinator has committed; a worker that was lost just then still holds its part as a prepared
 * transaction, whose rows nobody sees until Citus recovers it.
 */
final class Visibility {
    private static final Duration FIRST_POLL = Duration.ofMillis(50);
    private static final Duration LONGEST_POLL = Duration.ofSeconds(2);

    private final LedgerDatabase database;

    Visibility(LedgerDatabase database) {
        this.database = database;
    }

    /** Waits for the rows of loads that were published together. */
    boolean await(List<Claim> claims, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        long pause = FIRST_POLL.toNanos();
        while (!database.call(
                "ask whether the rows of load " + claims.get(0).id() + " are visible",
                connection -> clear(connection, claims.stream().map(Claim::id).toList()))) {
            long left = end - System.nanoTime();
            if (left <= 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(Math.min(pause, left));
            pause = Math.min(pause * 2, LONGEST_POLL.toNanos());
        }
        return true;
    }

    /** Looks at the loads of processes that did not wait for theirs. */
    void clearAll() {
        database.call(
                "ask which rows are visible",
                connection -> {
                    for (String id :
                            column(
                                    connection,
                                    "SELECT id FROM citus_ingest.load WHERE commit_xid IS NOT NULL AND state = 'loaded'"
                                            + " ORDER BY id LIMIT 1000")) {
                        clear(connection, List.of(Long.parseLong(id)));
                    }
                    return null;
                });
    }

    private boolean clear(Connection connection, List<Long> loads) throws SQLException {
        if (!database.citus(connection)) {
            return true;
        }
        List<String> xids =
                column(
                        connection,
                        "SELECT DISTINCT commit_xid::text FROM citus_ingest.load WHERE id = ANY (?) AND commit_xid IS NOT NULL",
                        ids(connection, loads));
        if (!visible(connection, loads)) {
            return false;
        }
        for (String xid : xids) {
            // Of this commit: the load may have been published anew in the meantime.
            update(
                    connection,
                    "UPDATE citus_ingest.load SET commit_xid = NULL WHERE id = ANY (?) AND commit_xid = ?::xid8",
                    ids(connection, loads),
                    xid);
        }
        return true;
    }

    /** Whether no node still has to finish a commit of these loads. */
    boolean visible(Connection connection, List<Long> loads) throws SQLException {
        if (!database.citus(connection)) {
            return true;
        }
        // Citus notes each prepared transaction in the commit that decides it, and takes the note
        // away when it has seen all of them finished. The row's xmin has 32 bits of the id.
        List<String> gids =
                column(
                        connection,
                        """
                        SELECT gid FROM pg_dist_transaction WHERE xmin::text IN (
                            SELECT (commit_xid::text::numeric % 4294967296)::text FROM citus_ingest.load
                            WHERE id = ANY (?) AND commit_xid IS NOT NULL
                            UNION
                            SELECT (commit_xid::text::numeric % 4294967296)::text FROM citus_ingest.batch
                            WHERE load_id = ANY (?) AND commit_xid IS NOT NULL AND coalesce(commit_group, 0) = 0)
                        """,
                        ids(connection, loads),
                        ids(connection, loads));
        Optional<List<String>> workers = notedByWorkers(connection, loads);
        if (workers.isEmpty()) {
            return false;
        }
        gids.addAll(workers.get());
        if (gids.isEmpty()) {
            return true;
        }
        String prepared =
                "SELECT count(*) FROM pg_prepared_xacts WHERE gid = ANY ("
                        + ask(
                                connection,
                                "SELECT quote_literal(?::text[]::text)",
                                connection.createArrayOf("text", gids.toArray()))
                        + ")";
        // A worker that cannot be asked may have one: then nobody knows.
        return "t"
                        .equals(
                                ask(
                                        connection,
                                        "SELECT coalesce(bool_and(success AND result = '0'), true) FROM run_command_on_workers(?)",
                                        prepared))
                && "0".equals(ask(connection, prepared));
    }

    /** What workers have noted of the commits of these loads; empty when one cannot be asked. */
    private static Optional<List<String>> notedByWorkers(Connection connection, List<Long> loads)
            throws SQLException {
        String commits =
                ask(
                        connection,
                        """
                        SELECT quote_literal(array_agg(DISTINCT commit_group || ' ' || (commit_xid::text::numeric % 4294967296))::text)
                        FROM citus_ingest.batch WHERE load_id = ANY (?) AND commit_group > 0
                        """,
                        ids(connection, loads));
        if (commits == null) {
            return Optional.of(List.of());
        }
        List<String> answers =
                column(
                        connection,
                        "SELECT CASE WHEN success THEN result END FROM run_command_on_workers(?)",
                        "SELECT coalesce(string_agg(gid, ' '), '') FROM pg_dist_transaction, pg_dist_local_group AS here"
                                + " WHERE here.groupid || ' ' || pg_dist_transaction.xmin::text = ANY ("
                                + commits
                                + ")");
        return answers.contains(null)
                ? Optional.empty()
                : Optional.of(
                        answers.stream()
                                .flatMap(answer -> Arrays.stream(answer.split(" ")))
                                .filter(gid -> !gid.isEmpty())
                                .toList());
    }

    private static List<String> column(Connection connection, String sql, Object... parameters)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            LedgerDatabase.set(query, parameters);
            try (ResultSet row = query.executeQuery()) {
                List<String> values = new ArrayList<>();
                while (row.next()) {
                    values.add(row.getString(1));
                }
                return values;
            }
        }
    }
}
