package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.set;
import static org.citusingest.ledger.LedgerDatabase.text;
import static org.citusingest.ledger.LedgerDatabase.update;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
                        tell(connection, List.of(payload(claim, state, 0)));
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
    static void tellPublished(Connection connection, Map<Claim, Publication> publications)
            throws SQLException {
        List<String> payloads = new ArrayList<>();
        publications.forEach(
                (claim, publication) ->
                        payloads.add(payload(claim, LoadState.LOADED, publication.rowsCopied())));
        tell(connection, payloads);
    }

    private static String payload(Claim claim, LoadState state, long rowsCopied) {
        // Route ids hold no quotes worth escaping further.
        return "{\"load\":%d,\"pipeline\":\"%s\",\"state\":\"%s\",\"rows\":%d}"
                .formatted(
                        claim.id(),
                        claim.pipeline().replace("\\", "\\\\").replace("\"", "\\\""),
                        state,
                        rowsCopied);
    }

    private static void tell(Connection connection, List<String> payloads) throws SQLException {
        try (PreparedStatement notify =
                connection.prepareStatement(
                        "SELECT count(pg_notify('citus_ingest', payload)) FROM unnest(?) AS payload")) {
            set(notify, connection.createArrayOf("text", payloads.toArray()));
            try (ResultSet told = notify.executeQuery()) {
                told.next();
            }
        }
    }
}
