package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.ask;
import static org.citusingest.ledger.LedgerDatabase.ids;
import static org.citusingest.ledger.LedgerDatabase.instant;
import static org.citusingest.ledger.LedgerDatabase.update;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The rejected rows, and how they are kept. */
final class Rejects {
    // The driver has the server prepare a statement that comes often, and this one does.
    private static final int PAGE = 100;

    private final LedgerDatabase database;

    Rejects(LedgerDatabase database) {
        this.database = database;
    }

    /** Writes them with the good rows, in one statement. Those of an earlier attempt give way. */
    void publish(Connection connection, Claim claim, byte[] header, List<RejectedRow> rejected)
            throws SQLException {
        insert(
                connection,
                claim,
                header,
                rejected,
                true,
                """
                ON CONFLICT (load_id, table_name, row_number) DO UPDATE
                SET byte_offset = excluded.byte_offset, raw = excluded.raw, header = excluded.header,
                    column_name = excluded.column_name, sqlstate = excluded.sqlstate, reason = excluded.reason,
                    published = true, rejected_at = excluded.rejected_at
                WHERE NOT reject.published
                """);
    }

    /** Keeps what a load that failed has rejected, in place of what earlier attempts had. */
    void keep(Claim claim, byte[] header, List<RejectedRow> rejected) {
        database.transaction(
                "keep the rejected rows of load " + claim.id(),
                connection -> {
                    if (Fence.holdsAlone(connection, claim)) {
                        forgetUnpublished(connection, List.of(claim.id()));
                        insert(
                                connection,
                                claim,
                                header,
                                rejected,
                                false,
                                "ON CONFLICT (load_id, table_name, row_number) DO NOTHING");
                        update(
                                connection,
                                "UPDATE citus_ingest.load SET rows_rejected = (SELECT count(*) FROM citus_ingest.reject"
                                        + " WHERE load_id = ?) WHERE id = ?",
                                claim.id(),
                                claim.id());
                    }
                    return null;
                });
    }

    /** By VALUES, see {@link Publishing}. */
    private static void insert(
            Connection connection,
            Claim claim,
            byte[] header,
            List<RejectedRow> rejected,
            boolean published,
            String onConflict)
            throws SQLException {
        for (int from = 0; from < rejected.size(); from += PAGE) {
            List<RejectedRow> page = rejected.subList(from, Math.min(rejected.size(), from + PAGE));
            List<Object> values = new ArrayList<>();
            for (RejectedRow row : page) {
                // Enough for a replay.
                byte[] withHeader = values.isEmpty() ? header : null;
                Collections.addAll(
                        values,
                        claim.id(),
                        claim.source(),
                        published,
                        row.table(),
                        row.rowNumber(),
                        row.byteOffset() < 0 ? null : row.byteOffset(),
                        row.raw(),
                        withHeader,
                        LedgerDatabase.text(row.column()),
                        row.sqlState(),
                        LedgerDatabase.text(row.reason()));
            }
            String one = "(?, ?, ?, ?, ?, ?::bigint, ?, ?::bytea, ?, ?, ?)";
            update(
                    connection,
                    "INSERT INTO citus_ingest.reject (load_id, blob, published, table_name, row_number, byte_offset, raw,"
                            + " header, column_name, sqlstate, reason) VALUES "
                            + (one + ", ").repeat(page.size() - 1)
                            + one
                            + " "
                            + onConflict,
                    values.toArray());
        }
    }

    /** A load that is published has no others than the published ones. */
    static void forgetUnpublished(Connection connection, List<Long> loads) throws SQLException {
        update(
                connection,
                "DELETE FROM citus_ingest.reject WHERE load_id = ANY (?) AND NOT published",
                LedgerDatabase.ids(connection, loads));
    }

    /** Marks what a replay has taken up; the parent has none left then. */
    static boolean resolve(Connection connection, long parent, long replay) throws SQLException {
        update(
                connection,
                "UPDATE citus_ingest.reject SET replay_id = ? WHERE load_id = ? AND published AND replay_id IS NULL",
                replay,
                parent);
        return update(
                        connection,
                        "UPDATE citus_ingest.load SET rows_rejected = 0 WHERE id = ? AND state = 'loaded'",
                        parent)
                == 1;
    }

    /** Opens again what replays had taken up whose rows are taken out. */
    static void reopen(Connection connection, List<Long> replays) throws SQLException {
        update(
                connection,
                "UPDATE citus_ingest.reject SET replay_id = NULL WHERE replay_id = ANY (?)",
                ids(connection, replays));
        update(
                connection,
                """
                UPDATE citus_ingest.load SET rows_rejected = (
                    SELECT count(*) FROM citus_ingest.reject
                    WHERE load_id = load.id AND published AND replay_id IS NULL)
                WHERE state = 'loaded' AND id IN (
                    SELECT replay_of FROM citus_ingest.load WHERE id = ANY (?) AND replay_of IS NOT NULL)
                """,
                ids(connection, replays));
    }

    /** Hands the rejected rows over one by one, those of the newest load first. */
    void read(Optional<Long> load, boolean all, int limit, Consumer<RejectRecord> to) {
        database.transaction(
                "read the rejected rows",
                connection -> {
                    try (PreparedStatement query =
                            connection.prepareStatement(
                                    "SELECT * FROM citus_ingest.reject WHERE (?::bigint IS NULL OR load_id = ?)"
                                            + " AND (? OR replay_id IS NULL) ORDER BY load_id DESC, table_name, row_number LIMIT ?")) {
                        // Within a transaction the driver reads by pages of this size.
                        query.setFetchSize(PAGE);
                        LedgerDatabase.set(query, load.orElse(null), load.orElse(null), all, limit);
                        try (ResultSet row = query.executeQuery()) {
                            while (row.next()) {
                                to.accept(record(row));
                            }
                        }
                    }
                    return null;
                });
    }

    /** The published rows of a load that no replay has taken up. */
    static List<RejectedRow> unresolved(Connection connection, long load) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT * FROM citus_ingest.reject WHERE load_id = ? AND published AND replay_id IS NULL"
                                + " ORDER BY row_number, table_name")) {
            query.setLong(1, load);
            try (ResultSet row = query.executeQuery()) {
                List<RejectedRow> rows = new ArrayList<>();
                while (row.next()) {
                    rows.add(rejectedRow(row));
                }
                return rows;
            }
        }
    }

    static byte[] header(Connection connection, long load) throws SQLException {
        String hex =
                ask(
                        connection,
                        "SELECT encode(header, 'hex') FROM citus_ingest.reject"
                                + " WHERE load_id = ? AND header IS NOT NULL LIMIT 1",
                        load);
        return hex == null ? new byte[0] : java.util.HexFormat.of().parseHex(hex);
    }

    private static RejectRecord record(ResultSet row) throws SQLException {
        return new RejectRecord(
                row.getLong("load_id"),
                row.getString("blob"),
                rejectedRow(row),
                row.getBoolean("published"),
                row.getObject("replay_id", Long.class),
                instant(row, "rejected_at"));
    }

    private static RejectedRow rejectedRow(ResultSet row) throws SQLException {
        Long offset = row.getObject("byte_offset", Long.class);
        return new RejectedRow(
                row.getLong("row_number"),
                offset == null ? -1 : offset,
                row.getBytes("raw"),
                row.getString("table_name"),
                row.getString("column_name"),
                row.getString("sqlstate"),
                row.getString("reason"));
    }

    static List<InputRefusal> refusals(
            Connection connection,
            String function,
            long ioParameter,
            int modifier,
            List<String> texts)
            throws SQLException {
        try (PreparedStatement ask =
                connection.prepareStatement(
                        "SELECT position - 1, sqlstate, reason FROM citus_ingest.refusals(?, ?::oid, ?, ?)")) {
            LedgerDatabase.set(
                    ask,
                    function,
                    ioParameter,
                    modifier,
                    connection.createArrayOf("text", texts.toArray()));
            try (ResultSet row = ask.executeQuery()) {
                List<InputRefusal> refusals = new ArrayList<>();
                while (row.next()) {
                    refusals.add(
                            new InputRefusal(row.getInt(1), row.getString(2), row.getString(3)));
                }
                return refusals;
            }
        }
    }
}
