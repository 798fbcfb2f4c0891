package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.set;
import static org.citusingest.ledger.LedgerDatabase.text;
import static org.citusingest.ledger.LedgerDatabase.update;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** What came of a load, other than that it was published. */
final class Outcomes {
    private final LedgerDatabase database;

    Outcomes(LedgerDatabase database) {
        this.database = database;
    }

    /**
     * Ends the claim. Does nothing when the load is no longer being loaded by it.
     *
     * @param after when it can be claimed again; null where that is not a matter of time
     * @param counted whether this was an attempt
     */
    boolean finish(Claim claim, LoadState state, Duration after, String error, boolean counted) {
        return database.transaction(
                "write the outcome of load " + claim.id(),
                connection -> {
                    boolean finished =
                            update(
                                            connection,
                                            "UPDATE citus_ingest.load SET state = ?, finished_at = statement_timestamp(),"
                                                    + " lease_until = now() + ?::bigint * interval '1 ms', error = ?,"
                                                    + " attempts = attempts - ? WHERE "
                                                    + Fence.SQL
                                                    + " AND state = 'loading'",
                                            Fence.of(
                                                    claim,
                                                    state.toString(),
                                                    after == null ? null : after.toMillis(),
                                                    text(error),
                                                    counted ? 0 : 1))
                                    == 1;
                    if (finished) {
                        tellFinished(connection, claim, state, 0);
                    }
                    return finished;
                });
    }

    /** Notes what went wrong after the load was published. */
    boolean note(Claim claim, String error, Optional<String> statement) {
        return database.transaction(
                "note what followed load " + claim.id(),
                connection -> {
                    boolean noted =
                            update(
                                            connection,
                                            "UPDATE citus_ingest.load SET error = ? WHERE "
                                                    + Fence.SQL
                                                    + " AND state = 'loaded'",
                                            Fence.of(claim, text(error)))
                                    == 1;
                    Optional<String> summary = statement.filter(Summaries::isSummary);
                    if (noted && summary.isPresent()) {
                        Summaries.failed(connection, claim.pipeline(), summary.get(), text(error));
                    }
                    return noted;
                });
    }

    /** A hint that wakes listeners; they read the ledger. */
    static void tellFinished(Connection connection, Claim claim, LoadState state, long rowsCopied)
            throws SQLException {
        try (PreparedStatement notify =
                connection.prepareStatement("SELECT pg_notify('citus_ingest', ?)")) {
            // Route ids hold no quotes worth escaping further.
            set(
                    notify,
                    "{\"load\":%d,\"pipeline\":\"%s\",\"state\":\"%s\",\"rows\":%d}"
                            .formatted(
                                    claim.id(),
                                    claim.pipeline().replace("\\", "\\\\").replace("\"", "\\\""),
                                    state,
                                    rowsCopied));
            try (ResultSet told = notify.executeQuery()) {
                told.next();
            }
        }
    }
}
