package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.ask;
import static org.citusingest.ledger.LedgerDatabase.set;
import static org.citusingest.ledger.LedgerDatabase.text;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The summaries that are to be run again. */
final class Summaries {
    private static final Logger LOG = LoggerFactory.getLogger(Summaries.class);
    private static final String CALL = "select citus_ingest.summarize(";

    private final LedgerDatabase database;

    Summaries(LedgerDatabase database) {
        this.database = database;
    }

    /** Whether the text is the one statement that may be run again by others than its route. */
    static boolean isSummary(String statement) {
        return statement.strip().toLowerCase(Locale.ROOT).startsWith(CALL);
    }

    /** Notes the statement, to be run again later: the later, the more often it has failed. */
    static void failed(Connection connection, String pipeline, String statement, String error)
            throws SQLException {
        ask(
                connection,
                "SELECT citus_ingest.summary_failed(?, ?, ?)",
                pipeline,
                statement,
                text(error));
    }

    /**
     * Runs the summary of each pipeline that has loads waiting for it for longer than this, so that
     * a route that is about to do so itself is not disturbed.
     */
    void runDue(Duration waitingFor) {
        due(waitingFor).forEach(this::run);
    }

    private Map<String, String> due(Duration waitingFor) {
        return database.call(
                "read which summaries are due",
                connection -> {
                    try (PreparedStatement query =
                            connection.prepareStatement(
                                    """
                                    SELECT pipeline, statement FROM citus_ingest.summary
                                    WHERE statement IS NOT NULL AND coalesce(next_at <= now(), true) AND EXISTS (
                                        SELECT FROM citus_ingest.load
                                        WHERE load.pipeline = summary.pipeline AND state = 'loaded'
                                          AND summarized_at IS NULL AND commit_xid IS NULL
                                          AND finished_at <= now() - ? * interval '1 ms')
                                    ORDER BY last_at NULLS FIRST
                                    """)) {
                        set(query, waitingFor.toMillis());
                        try (ResultSet row = query.executeQuery()) {
                            Map<String, String> due = new LinkedHashMap<>();
                            while (row.next()) {
                                due.put(row.getString(1), row.getString(2));
                            }
                            return due;
                        }
                    }
                });
    }

    private void run(String pipeline, String statement) {
        String error = null;
        try {
            long loads =
                    Long.parseLong(
                            database.call(
                                    "run the summary of " + pipeline,
                                    connection -> ask(connection, statement)));
            if (loads > 0) {
                LOG.info("pipeline={} summarized loads={}", pipeline, loads);
                return;
            }
            // Minus one has been noted by the summary itself.
            error = loads == 0 ? "the statement summarizes no load of this pipeline" : null;
            if (loads < 0) {
                LOG.warn(
                        "pipeline={} the summary failed and is tried again later: see citus_ingest.summary",
                        pipeline);
            }
        } catch (LedgerException | NumberFormatException e) {
            error = Failure.oneLine(e);
            LOG.warn(
                    "pipeline={} the summary failed and is tried again later: {}", pipeline, error);
        }
        if (error != null) {
            String noted = error;
            database.call(
                    "note the summary of " + pipeline,
                    connection -> {
                        failed(connection, pipeline, statement, noted);
                        return null;
                    });
        }
    }
}
