package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;
import org.citusingest.ledger.Failpoint;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** One COPY statement: rows of one format on their way into one table. Not thread-safe. */
final class CopyStatement {
    /** Small enough for the driver to hear of a refusal between two of them. */
    private static final int PIECE_BYTES = 256 << 10;

    private final CopyIn copy;
    private final CopyTarget target;
    private final CopyFormat format;
    private long rows;

    /**
     * Begins the statement.
     *
     * @param into the table, or a shard of it, as it is written in SQL
     */
    CopyStatement(Connection connection, CopyTarget target, String into, CopyFormat format)
            throws SQLException {
        this.target = target;
        this.format = format;
        copy =
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(target.copySql(into, format));
        copy.writeToCopy(format.header(), 0, format.header().length);
    }

    CopyTarget target() {
        return target;
    }

    CopyFormat format() {
        return format;
    }

    /** Sends the rows from the one to before the other. */
    void send(EncodedRows encoded, int from, int to) throws SQLException {
        byte[] bytes = encoded.bytes().bytes();
        int end = encoded.start(to);
        for (int at = encoded.start(from); at < end; at += PIECE_BYTES) {
            copy.writeToCopy(bytes, at, Math.min(PIECE_BYTES, end - at));
            Failpoint.MID_COPY.reach();
        }
        rows += to - from;
    }

    /**
     * Waits until the server has taken every row.
     *
     * @throws SQLException when it refused one, or took another number than were sent
     */
    void end() throws SQLException {
        copy.writeToCopy(format.trailer(), 0, format.trailer().length);
        long taken = copy.endCopy();
        if (taken != rows) {
            throw new SQLException(
                    "%d rows were sent to %s and the server took %d: is there a trigger that drops rows?"
                            .formatted(rows, target.table().name(), taken));
        }
        Failpoint.AFTER_COPY.reach();
    }

    /** Ends it without effect, where it has not ended. */
    void cancel() throws SQLException {
        if (copy.isActive()) {
            copy.cancelCopy();
        }
    }
}
