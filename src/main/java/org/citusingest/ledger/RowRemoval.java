package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.ask;
import static org.citusingest.ledger.LedgerDatabase.ids;
import static org.citusingest.ledger.LedgerDatabase.set;
import static org.citusingest.ledger.LedgerDatabase.update;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Takes the rows of loads out of their tables again, by the column {@code _load_id}. */
final class RowRemoval {
    private final Visibility visibility;

    RowRemoval(Visibility visibility) {
        this.visibility = visibility;
    }

    private record Load(long id, LoadState state, boolean summarized, String owner, String lease) {}

    /**
     * Deletes the rows of these loads and of the replays of them, and marks them as skipped, in the
     * caller's transaction. Their rejected rows are kept.
     *
     * @param onRemove SQL that takes the loads in {@code citus_ingest.load_ids} out of the summary;
     *     run before the rows go, with those that have been summarized
     * @return how many rows there were
     */
    long remove(Connection connection, List<Long> which, Optional<String> onRemove, String reason)
            throws SQLException {
        // Locked: a summary that is just counting them ends first, and is then to be told.
        Collection<Load> loads = lock(connection, which);
        List<Long> ids = loads.stream().map(Load::id).toList();
        for (Load load : loads) {
            if (load.state() == LoadState.LOADING) {
                throw new LedgerException(
                        "Load %d is being loaded by %s, whose lease ends at %s: wait until it has ended"
                                .formatted(load.id(), load.owner(), load.lease()));
            }
            if (!visibility.visible(connection, List.of(load.id()))) {
                String message =
                        "The rows of load %d are not yet on all nodes, so not all could be deleted: try again in a minute"
                                .formatted(load.id());
                throw new LedgerException(message, new SQLTransientException(message, "55006"));
            }
        }
        String summarized =
                loads.stream()
                        .filter(Load::summarized)
                        .map(load -> Long.toString(load.id()))
                        .collect(Collectors.joining(","));
        if (onRemove.isPresent() && !summarized.isEmpty()) {
            ask(connection, "SELECT set_config('citus_ingest.load_ids', ?, true)", summarized);
            try (Statement statement = connection.createStatement()) {
                statement.execute(onRemove.get());
            }
        }
        long rows = 0;
        for (String table : tables(connection, ids)) {
            rows +=
                    update(
                            connection,
                            "DELETE FROM " + table + " WHERE _load_id = ANY (?)",
                            ids(connection, ids));
        }
        update(
                connection,
                "DELETE FROM citus_ingest.batch WHERE load_id = ANY (?)",
                ids(connection, ids));
        update(
                connection,
                "UPDATE citus_ingest.reject SET published = false, replay_id = NULL WHERE load_id = ANY (?)",
                ids(connection, ids));
        Rejects.reopen(connection, ids);
        update(
                connection,
                "UPDATE citus_ingest.load SET state = 'skipped', error = ?, rows_copied = 0, rows_rejected = 0,"
                        + " commit_xid = NULL, summarized_at = NULL, lease_until = NULL WHERE id = ANY (?)",
                reason,
                ids(connection, ids));
        return rows;
    }

    /** These loads, the replays of them, the replays of those and so on. */
    private static Collection<Load> lock(Connection connection, List<Long> which)
            throws SQLException {
        Map<Long, Load> loads = new TreeMap<>();
        List<Load> level = lock(connection, "id", which);
        while (!level.isEmpty()) {
            level.forEach(load -> loads.put(load.id(), load));
            level = lock(connection, "replay_of", level.stream().map(Load::id).toList());
        }
        return loads.values();
    }

    private static List<Load> lock(Connection connection, String column, List<Long> ids)
            throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT id, state, summarized_at IS NOT NULL, owner, lease_until::text FROM citus_ingest.load"
                                + " WHERE "
                                + column
                                + " = ANY (?) ORDER BY id FOR UPDATE")) {
            set(query, ids(connection, ids));
            try (ResultSet row = query.executeQuery()) {
                List<Load> loads = new ArrayList<>();
                while (row.next()) {
                    loads.add(
                            new Load(
                                    row.getLong(1),
                                    LoadState.parse(row.getString(2)),
                                    row.getBoolean(3),
                                    row.getString(4),
                                    row.getString(5)));
                }
                return loads;
            }
        }
    }

    /** The tables that these loads have filled and that are still there, as SQL writes them. */
    private static List<String> tables(Connection connection, List<Long> ids) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement(
                        """
                        SELECT filled::text, EXISTS (
                            SELECT FROM pg_attribute
                            WHERE attrelid = filled AND attname = '_load_id' AND NOT attisdropped)
                        FROM (SELECT to_regclass(one) AS filled FROM unnest(?) AS one) AS tables
                        WHERE filled IS NOT NULL
                        """)) {
            set(query, connection.createArrayOf("text", names(connection, ids).toArray()));
            try (ResultSet row = query.executeQuery()) {
                List<String> tables = new ArrayList<>();
                while (row.next()) {
                    if (!row.getBoolean(2)) {
                        throw new LedgerException(
                                "The table %s has no column _load_id, so nobody can tell which rows are those of load %s:"
                                                .formatted(row.getString(1), ids)
                                        + " delete them by hand, or give the table that column before it is loaded");
                    }
                    tables.add(row.getString(1));
                }
                return tables;
            }
        }
    }

    private static List<String> names(Connection connection, List<Long> ids) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT DISTINCT table_name FROM citus_ingest.batch WHERE load_id = ANY (?)")) {
            set(query, ids(connection, ids));
            try (ResultSet row = query.executeQuery()) {
                List<String> names = new ArrayList<>();
                while (row.next()) {
                    names.add(row.getString(1));
                }
                return names;
            }
        }
    }
}
