package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.array;
import static org.citusingest.ledger.LedgerDatabase.set;
import static org.citusingest.ledger.LedgerDatabase.update;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.citusingest.ledger.LedgerDatabase.Commit;

/** How the rows of a load come to count: as a whole, or range by range. */
final class Publishing {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int RANGES_A_STATEMENT = 500;

    private final LedgerDatabase database;
    private final Versions versions;
    private final Duration lease;

    Publishing(LedgerDatabase database, Versions versions, Duration lease) {
        this.database = database;
        this.versions = versions;
        this.lease = lease;
    }

    void publish(Connection connection, Map<Claim, Publication> publications) throws SQLException {
        // First the loads: whoever has taken one over holds its row, and this process must not get
        // past that.
        String xid = database.commit(connection).xid();
        Map<Long, Optional<Long>> parents = markLoaded(connection, publications, xid);
        List<ClaimedRange> ranges = new ArrayList<>();
        for (Map.Entry<Claim, Publication> one : publications.entrySet()) {
            Claim claim = one.getKey();
            versions.settle(connection, claim, parents.get(claim.id()), one.getValue().onRemove());
            one.getValue().ranges().forEach(range -> ranges.add(new ClaimedRange(claim, range)));
        }
        insert(connection, ranges, new Commit(null, null));
        Rejects.forgetUnpublished(connection, ids(publications.keySet()));
        Outcomes.tellPublished(connection, publications);
    }

    /** Which load each of them replays, if any. */
    private static Map<Long, Optional<Long>> markLoaded(
            Connection connection, Map<Claim, Publication> publications, String xid)
            throws SQLException {
        Collection<Publication> all = publications.values();
        Map<Long, Optional<Long>> parents = new HashMap<>();
        // Not clock_timestamp(): Citus takes no volatile function in an UPDATE of a table it knows.
        try (PreparedStatement update =
                connection.prepareStatement(
                        """
                        UPDATE citus_ingest.load SET state = 'loaded', rows_copied = new.rows_copied,
                            rows_rejected = new.rows_rejected, commit_xid = ?::xid8, finished_at = statement_timestamp(),
                            lease_until = NULL, error = NULL, summarized_at = NULL
                        FROM unnest(?, ?, ?, ?, ?) AS new (id, owner, generation, rows_copied, rows_rejected)
                        WHERE load.id = new.id AND load.owner = new.owner AND load.generation = new.generation
                          AND state = 'loading'
                        RETURNING load.id, replay_of
                        """)) {
            set(
                    update,
                    xid,
                    array(connection, "bigint", publications.keySet(), Claim::id),
                    array(connection, "text", publications.keySet(), Claim::owner),
                    array(connection, "integer", publications.keySet(), Claim::generation),
                    array(connection, "bigint", all, Publication::rowsCopied),
                    array(connection, "bigint", all, Publication::rowsRejected));
            try (ResultSet row = update.executeQuery()) {
                while (row.next()) {
                    parents.put(row.getLong(1), Optional.ofNullable(row.getObject(2, Long.class)));
                }
            }
        }
        for (Claim claim : publications.keySet()) {
            if (!parents.containsKey(claim.id())) {
                throw Fence.lost(claim);
            }
        }
        return parents;
    }

    private static List<Long> ids(Collection<Claim> claims) {
        return claims.stream().map(Claim::id).toList();
    }

    void commitRanges(Connection connection, Map<Claim, List<CommittedRange>> ranges)
            throws SQLException {
        Fence.check(connection, ranges.keySet());
        List<ClaimedRange> all = new ArrayList<>();
        ranges.forEach(
                (claim, some) -> some.forEach(range -> all.add(new ClaimedRange(claim, range))));
        insert(connection, all, database.commit(connection));
    }

    /** A range of a load. */
    private record ClaimedRange(Claim claim, CommittedRange range) {}

    /**
     * By VALUES: from a worker of Citus an INSERT ... SELECT is a COPY, which is not prepared but
     * committed at once where the connection has read before, whatever becomes of the rows.
     */
    private static void insert(Connection connection, List<ClaimedRange> ranges, Commit commit)
            throws SQLException {
        for (int from = 0; from < ranges.size(); from += RANGES_A_STATEMENT) {
            List<ClaimedRange> some =
                    ranges.subList(from, Math.min(ranges.size(), from + RANGES_A_STATEMENT));
            List<Object> values = new ArrayList<>();
            for (ClaimedRange one : some) {
                CommittedRange range = one.range();
                boolean elsewhere = mayReachOthers(range, commit);
                Collections.addAll(
                        values,
                        one.claim().id(),
                        elsewhere ? commit.xid() : null,
                        elsewhere ? commit.group() : null,
                        range.table(),
                        range.from(),
                        range.to(),
                        range.rowsCopied(),
                        range.rowsRejected(),
                        shards(range));
            }
            update(
                    connection,
                    "INSERT INTO citus_ingest.batch (load_id, commit_xid, commit_group, table_name, range_from, range_to,"
                            + " rows_copied, rows_rejected, shards) VALUES "
                            + "(?, ?::xid8, ?, ?, ?, ?, ?, ?, ?::bigint[]), "
                                    .repeat(some.size() - 1)
                            + "(?, ?::xid8, ?, ?, ?, ?, ?, ?, ?::bigint[])",
                    values.toArray());
        }
    }

    /** Rows that a worker has put into shards of its own are in at its commit. */
    private static boolean mayReachOthers(CommittedRange range, Commit commit) {
        return commit.xid() != null && (commit.group() == 0 || range.shards().isEmpty());
    }

    private static String shards(CommittedRange range) {
        return range.shards().isEmpty()
                ? null
                : range.shards().stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(",", "{", "}"));
    }

    Map<Claim, List<CommittedRange>> committed(Collection<Claim> claims) {
        return database.call(
                "read the ranges of " + claims.size() + " loads",
                connection -> committed(connection, claims));
    }

    private static Map<Claim, List<CommittedRange>> committed(
            Connection connection, Collection<Claim> claims) throws SQLException {
        Map<Long, List<CommittedRange>> ranges = new HashMap<>();
        claims.forEach(claim -> ranges.put(claim.id(), new ArrayList<>()));
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT load_id, table_name, range_from, range_to, rows_copied, rows_rejected, shards"
                                + " FROM citus_ingest.batch WHERE load_id = ANY (?) ORDER BY range_from, table_name")) {
            set(query, LedgerDatabase.ids(connection, ranges.keySet()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    ranges.get(row.getLong(1))
                            .add(
                                    new CommittedRange(
                                            row.getString(2),
                                            row.getLong(3),
                                            row.getLong(4),
                                            row.getLong(5),
                                            row.getLong(6),
                                            row.getArray(7) == null
                                                    ? List.of()
                                                    : List.of(
                                                            (Long[]) row.getArray(7).getArray())));
                }
            }
        }
        Map<Claim, List<CommittedRange>> byClaim = new LinkedHashMap<>();
        claims.forEach(claim -> byClaim.put(claim, ranges.get(claim.id())));
        return byClaim;
    }

    Publication publishRanges(Claim claim, Optional<String> onRemove) {
        try {
            return database.transaction(
                    "publish load " + claim.id(),
                    connection -> {
                        Publication publication = totals(connection, claim, onRemove);
                        publish(connection, Map.of(claim, publication));
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
        List<CommittedRange> ranges = committed(connection, List.of(claim)).get(claim);
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
                            Backends.end(connection, claim.id());
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
