package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.ask;
import static org.citusingest.ledger.LedgerDatabase.set;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a version of a blob is to do about the others: {@link Overwrite}, carried out. */
final class Versions {
    private final LedgerDatabase database;
    private final RowRemoval removal;

    Versions(LedgerDatabase database, RowRemoval removal) {
        this.database = database;
        this.removal = removal;
    }

    /**
     * Another load of the same blob by the same pipeline.
     *
     * @param root the load of the version: itself, or the one that it replays
     * @param inTable whether rows of it are in a table
     */
    private record Other(long id, long root, String etag, LoadState state, boolean inTable) {
        boolean isLoadOfVersion() {
            return id == root && state == LoadState.LOADED;
        }
    }

    /** Why this version is not even to be read; empty when it is. */
    Optional<OverwriteException> refusal(Claim claim) {
        return claim.overwrite() == Overwrite.append
                ? Optional.empty()
                : database.call(
                        "look for other versions of " + claim.source(),
                        connection -> refusal(claim, others(connection, claim)));
    }

    private static Optional<OverwriteException> refusal(Claim claim, List<Other> others) {
        boolean replaces = claim.overwrite() == Overwrite.replace;
        return others.stream()
                .filter(Other::isLoadOfVersion)
                .filter(other -> !replaces || other.root() > claim.id())
                .findFirst()
                .map(
                        other ->
                                new OverwriteException(
                                        "%s: %s version %s of this blob is loaded (load %d), and onOverwrite=%s"
                                                .formatted(
                                                        claim.source(),
                                                        replaces ? "the newer" : "another",
                                                        other.etag(),
                                                        other.id(),
                                                        claim.overwrite()),
                                        claim.overwrite() != Overwrite.fail));
    }

    /**
     * Does, in the transaction that publishes the version, what is to be done about the others. One
     * version of a blob at a time gets here.
     */
    void settle(
            Connection connection, Claim claim, Optional<Long> parent, Optional<String> onRemove)
            throws SQLException {
        if (parent.isEmpty() && claim.overwrite() == Overwrite.append) {
            return;
        }
        ask(
                connection,
                "SELECT pg_advisory_xact_lock(hashtextextended('citus_ingest.blob ' || ?, 0))",
                claim.pipeline() + "/" + claim.account() + "/" + claim.source());
        if (parent.isPresent()) {
            if (!Rejects.resolve(connection, parent.get(), claim.id())) {
                throw new LedgerException(
                        "Load %d of %s has been replaced or unloaded: its rejected rows are not loaded any more"
                                .formatted(parent.get(), claim.source()));
            }
            return;
        }
        List<Other> others = others(connection, claim);
        Optional<OverwriteException> refusal = refusal(claim, others);
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        if (claim.overwrite() == Overwrite.replace) {
            List<Long> replaced =
                    others.stream()
                            .filter(other -> other.root() < claim.id() && other.inTable())
                            .map(Other::id)
                            .toList();
            removal.remove(connection, replaced, onRemove, "replaced by load " + claim.id());
        }
    }

    private static List<Other> others(Connection connection, Claim claim) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement(
                        """
                        SELECT id, coalesce(replay_of, id), etag, state,
                               state = 'loaded' OR EXISTS (SELECT FROM citus_ingest.batch WHERE load_id = load.id)
                        FROM citus_ingest.load
                        WHERE pipeline = ? AND account = ? AND container = ? AND md5(blob) = md5(?) AND id <> ?
                        ORDER BY id DESC
                        """)) {
            set(
                    query,
                    claim.pipeline(),
                    claim.account(),
                    claim.container(),
                    claim.blob(),
                    claim.id());
            try (ResultSet row = query.executeQuery()) {
                List<Other> others = new ArrayList<>();
                while (row.next()) {
                    others.add(
                            new Other(
                                    row.getLong(1),
                                    row.getLong(2),
                                    row.getString(3),
                                    LoadState.parse(row.getString(4)),
                                    row.getBoolean(5)));
                }
                return others;
            }
        }
    }
}
