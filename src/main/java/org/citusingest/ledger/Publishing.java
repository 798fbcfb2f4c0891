package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.set;
import static org.citusingest.ledger.LedgerDatabase.update;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** How the rows of a load come to count: as a whole, or range by range. */
final class Publishing {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int RANGES_A_STATEMENT = 500;

    private final LedgerDatabase database;
    private final Rejects rejects;
    private final Versions versions;
    private final Duration lease;

    Publishing(LedgerDatabase database, Rejects rejects, Versions versions, Duration lease) {
        this.database = database;
        this.rejects = rejects;
        this.versions = versions;
        this.lease = lease;
    }

    void publish(Connection connection, Claim claim, Publication publication) throws SQLException {
        // First the load: whoever has taken it over holds its row, and this process must not get
        // past that. Not clock_timestamp(): Citus takes no volatile function in an UPDATE of a
        // table it knows.
        Optional<Long> parent;
        try (PreparedStatement update =
                connection.prepareStatement(
                        "UPDATE citus_ingest.load SET state = 'loaded', rows_copied = ?, rows_rejected = ?,"
                                + " commit_xid = ?::xid8, finished_at = statement_timestamp(), lease_until = NULL,"
                                + " error = NULL, summarized_at = NULL WHERE "
                                + Fence.SQL
                                + " AND state = 'loading' RETURNING replay_of")) {
            set(
                    update,
                    Fence.of(
                            claim,
                            publication.rowsCopied(),
                            publication.rowsRejected(),
                            database.commitXid(connection)));
            try (ResultSet row = update.executeQuery()) {
                if (!row.next()) {
                    throw Fence.lost(claim);
                }
                parent = Optional.ofNullable(row.getObject(1, Long.class));
            }
        }
        versions.settle(connection, claim, parent, publication.onRemove());
        insert(connection, claim, publication.ranges(), null);
        Rejects.forgetUnpublished(connection, claim.id());
        Outcomes.tellFinished(connection, claim, LoadState.LOADED, publication.rowsCopied());
    }

    void commitRanges(
            Connection connection,
            Claim claim,
            List<CommittedRange> ranges,
            byte[] header,
            List<RejectedRow> rejected)
            throws SQLException {
        if (!Fence.holds(connection, claim)) {
            throw Fence.lost(claim);
        }
        insert(connection, claim, ranges, database.commitXid(connection));
        rejects.publish(connection, claim, header, rejected);
    }

    /**
     * By VALUES: from a worker of Citus an INSERT ... SELECT is a COPY, which is not prepared but
     * committed at once where the connection has read before, whatever becomes of the rows.
     */
    private static void insert(
            Connection connection, Claim claim, List<CommittedRange> ranges, String commitXid)
            throws SQLException {
        for (int from = 0; from < ranges.size(); from += RANGES_A_STATEMENT) {
            List<CommittedRange> some =
                    ranges.subList(from, Math.min(ranges.size(), from + RANGES_A_STATEMENT));
            List<Object> values = new ArrayList<>();
            for (CommittedRange range : some) {
                Collections.addAll(
                        values,
                        claim.id(),
                        commitXid,
                        range.table(),
                        range.from(),
                        range.to(),
                        range.rowsCopied(),
                        range.rowsRejected(),
                        shards(range));
            }
            update(
                    connection,
                    "INSERT INTO citus_ingest.batch (load_id, commit_xid, table_name, range_from, range_to,"
                            + " rows_copied, rows_rejected, shards) VALUES "
                            + "(?, ?::xid8, ?, ?, ?, ?, ?, ?::bigint[]), ".repeat(some.size() - 1)
                            + "(?, ?::xid8, ?, ?, ?, ?, ?, ?::bigint[])",
                    values.toArray());
        }
    }

    private static String shards(CommittedRange range) {
        return range.shards().isEmpty()
                ? null
                : range.shards().stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(",", "{", "}"));
    }

    List<CommittedRange> committed(Claim claim) {
        return database.call(
                "read the ranges of load " + claim.id(),
                connection -> committed(connection, claim));
    }

    private static List<CommittedRange> committed(Connection connection, Claim claim)
            throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT table_name, range_from, range_to, rows_copied, rows_rejected, shards FROM citus_ingest.batch"
                                + " WHERE load_id = ? ORDER BY range_from, table_name")) {
            query.setLong(1, claim.id());
            try (ResultSet row = query.executeQuery()) {
                List<CommittedRange> ranges = new ArrayList<>();
                while (row.next()) {
                    ranges.add(
                            new CommittedRange(
                                    row.getString(1),
                                    row.getLong(2),
                                    row.getLong(3),
                                    row.getLong(4),
                                    row.getLong(5),
                                    row.getArray(6) == null
                                            ? List.of()
                                            : List.of((Long[]) row.getArray(6).getArray())));
                }
                return ranges;
            }
        }
    }

    Publication publishRanges(Claim claim, Optional<String> onRemove) {
        try {
            return database.transaction(
                    "publish load " + claim.id(),
                    connection -> {
                        Publication publication = totals(connection, claim, onRemove);
                        publish(connection, claim, publication);
                        return publication;
                    });
        } catch (LedgerException e) {
            // The answer to the commit may be what was lost.
            if (e.getCause() instanceof SQLException && published(claim)) {
                return database.call(
                        "read load " + claim.id(),
                        connection -> totals(connection, claim, onRemove));
            }
            throw e;
        }
    }

    private static Publication totals(Connection connection, Claim claim, Optional<String> onRemove)
            throws SQLException {
        List<CommittedRange> ranges = committed(connection, claim);
        return new Publication(
                List.of(),
                ranges.stream().mapToLong(CommittedRange::rowsCopied).sum(),
                ranges.stream().mapToLong(CommittedRange::rowsRejected).sum(),
                onRemove);
    }

    /**
     * Whether the load has been published by this very claim. A transaction that is still on its
     * way holds the row: it is waited for, and after half of the lease ended, which decides it too.
     */
    boolean published(Claim claim) {
        long end = System.nanoTime() + lease.toNanos();
        long half = System.nanoTime() + lease.toNanos() / 2;
        while (true) {
            Optional<Boolean> answer =
                    database.call(
                            "read the outcome of load " + claim.id(),
                            connection -> outcome(connection, claim));
            if (answer.isPresent()) {
                return answer.get();
            }
            long now = System.nanoTime();
            if (now > end) {
                throw undecided(claim);
            }
            if (now > half) {
                database.call(
                        "end the commit of load " + claim.id(),
                        connection -> {
                            Claims.endBackends(connection, claim.id());
                            return null;
                        });
            }
            LockSupport.parkNanos(POLL.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                throw undecided(claim);
            }
        }
    }

    /** Empty while a transaction holds the row. */
    private static Optional<Boolean> outcome(Connection connection, Claim claim)
            throws SQLException {
        String loaded =
                LedgerDatabase.ask(
                        connection,
                        "SELECT state = 'loaded' AND owner = ? AND generation = ? FROM citus_ingest.load WHERE id = ?"
                                + " FOR UPDATE SKIP LOCKED",
                        claim.owner(),
                        claim.generation(),
                        claim.id());
        if (loaded != null) {
            return Optional.of(loaded.equals("t"));
        }
        boolean exists =
                LedgerDatabase.ask(
                                connection,
                                "SELECT id FROM citus_ingest.load WHERE id = ?",
                                claim.id())
                        != null;
        return exists ? Optional.empty() : Optional.of(false);
    }

    private static LedgerException undecided(Claim claim) {
        String message =
                ("The commit of load %d of %s is still on its way in the database, so nobody can say yet whether its"
                                + " rows are in; nothing is loaded twice: look with SELECT state FROM citus_ingest.load"
                                + " WHERE id = %d")
                        .formatted(claim.id(), claim.source(), claim.id());
        return new LedgerException(message, new java.sql.SQLTransientException(message, "08007"));
    }
}
