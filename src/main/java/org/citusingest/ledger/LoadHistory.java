package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.array;
import static org.citusingest.ledger.LedgerDatabase.instant;
import static org.citusingest.ledger.LedgerDatabase.set;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What can be read of the loads. */
final class LoadHistory {
    private final LedgerDatabase database;

    LoadHistory(LedgerDatabase database) {
        this.database = database;
    }

    boolean waits(String pipeline, String container) {
        return database.call(
                "read the backlog of " + pipeline,
                connection ->
                        "t"
                                .equals(
                                        LedgerDatabase.ask(
                                                connection,
                                                "SELECT EXISTS (SELECT FROM citus_ingest.load WHERE pipeline = ?"
                                                        + " AND container = ? AND state IN ('waiting', 'loading'))",
                                                pipeline,
                                                container)));
    }

    Ledger.Backlog backlog(Collection<String> pipelines) {
        return database.call(
                "read the backlog",
                connection -> {
                    try (PreparedStatement query =
                            connection.prepareStatement(
                                    "SELECT count(*), coalesce(sum(size_bytes) FILTER (WHERE state ="
                                            + " 'waiting'), 0) FROM citus_ingest.load"
                                            + " WHERE pipeline = ANY (?) AND state IN ('waiting', 'loading')"
                                            + " AND replay_of IS NULL")) {
                        set(query, array(connection, "text", pipelines, Function.identity()));
                        try (ResultSet row = query.executeQuery()) {
                            row.next();
                            return new Ledger.Backlog(row.getLong(1), row.getLong(2));
                        }
                    }
                });
    }

    List<LoadRecord> newest(Optional<String> pipeline, int limit) {
        return select(
                "WHERE (?::text IS NULL OR pipeline = ?) ORDER BY coalesce(finished_at, started_at, found_at)"
                        + " DESC, id DESC LIMIT ?",
                pipeline.orElse(null),
                pipeline.orElse(null),
                limit);
    }

    List<LoadRecord> finishedAfter(String owner, Instant time, long id) {
        return select(
                "WHERE owner = ? AND state IN ('loaded', 'failed', 'skipped') AND (finished_at, id) > (?, ?)"
                        + " ORDER BY finished_at, id",
                owner,
                Timestamp.from(time),
                id);
    }

    List<LoadRecord> ofSource(Optional<String> pipeline, String source) {
        return select(
                "WHERE (?::text IS NULL OR pipeline = ?) AND replay_of IS NULL AND ? IN (blob, container || '/' || blob)"
                        + " ORDER BY id DESC",
                pipeline.orElse(null),
                pipeline.orElse(null),
                source);
    }

    Optional<LoadRecord> load(long id) {
        return database.call("read load " + id, connection -> load(connection, id));
    }

    Optional<LoadRecord> load(Connection connection, long id) throws SQLException {
        return select(connection, "WHERE id = ?", id).stream().findFirst();
    }

    private List<LoadRecord> select(String condition, Object... parameters) {
        return database.call(
                "read the loads", connection -> select(connection, condition, parameters));
    }

    private static List<LoadRecord> select(
            Connection connection, String condition, Object... parameters) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT *, coalesce(size_bytes, -1) AS bytes, extract(epoch FROM"
                                + " coalesce(finished_at, now()) - started_at) * 1000 AS milliseconds"
                                + " FROM citus_ingest.load "
                                + condition)) {
            set(query, parameters);
            try (ResultSet row = query.executeQuery()) {
                boolean replays = hasReplays(row);
                List<LoadRecord> loads = new ArrayList<>();
                while (row.next()) {
                    loads.add(loadRecord(row, replays));
                }
                return loads;
            }
        }
    }

    /** A ledger of version 1, which is only looked at, has no replays. */
    private static boolean hasReplays(ResultSet row) throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            if (columns.getColumnName(i).equals("replay_of")) {
                return true;
            }
        }
        return false;
    }

    private static LoadRecord loadRecord(ResultSet row, boolean replays) throws SQLException {
        String container = row.getString("container");
        double milliseconds = row.getDouble("milliseconds");
        return new LoadRecord(
                row.getLong("id"),
                replays ? row.getObject("replay_of", Long.class) : null,
                row.getString("pipeline"),
                container.isEmpty()
                        ? row.getString("blob")
                        : container + "/" + row.getString("blob"),
                row.getString("etag"),
                LoadState.parse(row.getString("state")),
                row.getInt("attempts"),
                row.getLong("rows_copied"),
                row.getLong("rows_rejected"),
                row.getLong("bytes"),
                instant(row, "found_at"),
                instant(row, "started_at"),
                instant(row, "finished_at"),
                instant(row, "summarized_at"),
                row.getTimestamp("started_at") == null
                        ? null
                        : Duration.ofMillis((long) milliseconds),
                row.getString("error"));
    }
}
