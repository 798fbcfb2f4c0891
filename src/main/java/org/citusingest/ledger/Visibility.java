package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.ask;
import static org.citusingest.ledger.LedgerDatabase.update;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    boolean await(Claim claim, Duration atMost) {
        long end = System.nanoTime() + atMost.toNanos();
        long pause = FIRST_POLL.toNanos();
        while (!database.call(
                "ask whether the rows of load " + claim.id() + " are visible",
                connection -> clear(connection, claim.id()))) {
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
                        clear(connection, Long.parseLong(id));
                    }
                    return null;
                });
    }

    private boolean clear(Connection connection, long load) throws SQLException {
        if (!database.citus(connection)) {
            return true;
        }
        String xid =
                ask(
                        connection,
                        "SELECT commit_xid::text FROM citus_ingest.load WHERE id = ?",
                        load);
        if (!visible(connection, load)) {
            return false;
        }
        if (xid != null) {
            // Of this commit: the load may have been published anew in the meantime.
            update(
                    connection,
                    "UPDATE citus_ingest.load SET commit_xid = NULL WHERE id = ? AND commit_xid = ?::xid8",
                    load,
                    xid);
        }
        return true;
    }

    /** Whether no node still has to finish a commit of this load. */
    boolean visible(Connection connection, long load) throws SQLException {
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
                            WHERE id = ? AND commit_xid IS NOT NULL
                            UNION
                            SELECT (commit_xid::text::numeric % 4294967296)::text FROM citus_ingest.batch
                            WHERE load_id = ? AND commit_xid IS NOT NULL)
                        """,
                        load,
                        load);
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
                                prepared));
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
