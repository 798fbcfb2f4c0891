package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.array;
import static org.citusingest.ledger.LedgerDatabase.instant;
import static org.citusingest.ledger.LedgerDatabase.set;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * What is to be seen of pipelines as wholes. Reads what waits, is being loaded or has failed, by
 * indexes of its own: it costs the same however much has been loaded.
 */
final class Pipelines {
    static final String SQL =
            """
            SELECT pipeline, coalesce(waiting, 0) AS waiting, coalesce(loading, 0) AS loading,
                coalesce(waiting_bytes, 0) AS waiting_bytes,
                coalesce(extract(epoch FROM now() - oldest), 0) AS oldest_seconds, failed, last_loaded, last_error
            FROM unnest(?::text[]) AS asked (pipeline)
            LEFT JOIN LATERAL (
                SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'loading') AS loading,
                    sum(size_bytes) FILTER (WHERE state = 'waiting') AS waiting_bytes, min(found_at) AS oldest
                FROM citus_ingest.load WHERE load.pipeline = asked.pipeline AND state IN ('waiting', 'loading')) AS open ON true
            LEFT JOIN LATERAL (
                SELECT count(*) AS failed
                FROM citus_ingest.load WHERE load.pipeline = asked.pipeline AND state = 'failed') AS failures ON true
            LEFT JOIN LATERAL (
                SELECT error AS last_error
                FROM citus_ingest.load WHERE load.pipeline = asked.pipeline AND state = 'failed' AND finished_at IS NOT NULL
                ORDER BY finished_at DESC LIMIT 1) AS failure ON true
            LEFT JOIN LATERAL (
                SELECT finished_at AS last_loaded
                FROM citus_ingest.load WHERE load.pipeline = asked.pipeline AND state = 'loaded' AND finished_at IS NOT NULL
                ORDER BY finished_at DESC LIMIT 1) AS loaded ON true
            """;

    private final LedgerDatabase database;

    Pipelines(LedgerDatabase database) {
        this.database = database;
    }

    /** One statement for all of them. */
    List<PipelineRecord> read(Collection<String> pipelines) {
        return database.call(
                "look at the pipelines",
                connection -> {
                    try (PreparedStatement query = connection.prepareStatement(SQL)) {
                        set(query, array(connection, "text", pipelines, Function.identity()));
                        try (ResultSet row = query.executeQuery()) {
                            List<PipelineRecord> records = new ArrayList<>();
                            while (row.next()) {
                                records.add(record(row));
                            }
                            return records;
                        }
                    }
                });
    }

    private static PipelineRecord record(ResultSet row) throws SQLException {
        return new PipelineRecord(
                row.getString("pipeline"),
                row.getLong("waiting"),
                row.getLong("loading"),
                row.getLong("failed"),
                row.getLong("waiting_bytes"),
                row.getDouble("oldest_seconds"),
                instant(row, "last_loaded"),
                row.getString("last_error"));
    }

    /** See {@link Ledger#stuck}. */
    StuckLoads stuck(Duration after) {
        return database.call(
                "look for loads that are stuck", connection -> stuck(connection, after));
    }

    private static StuckLoads stuck(Connection connection, Duration after) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement(
                        """
                        SELECT (SELECT count(*) FROM citus_ingest.load
                                WHERE state = 'loading' AND lease_until < now() - ? * interval '1 second') AS abandoned,
                            (SELECT count(*) FROM citus_ingest.load
                                WHERE commit_xid IS NOT NULL AND state = 'loaded'
                                  AND finished_at < now() - ? * interval '1 second') AS in_doubt
                        """)) {
            set(query, after.toSeconds(), after.toSeconds());
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return new StuckLoads(row.getLong("abandoned"), row.getLong("in_doubt"));
            }
        }
    }
}
