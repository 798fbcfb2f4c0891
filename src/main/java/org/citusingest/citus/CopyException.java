package org.citusingest.citus;

import java.io.Serial;
import java.sql.SQLException;
import java.util.List;
import org.citusingest.ledger.RejectedRow;

/**
 * The server refused rows, or could not take them. The message says which row of which source, the
 * column, the value and why.
 */
public final class CopyException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    private CopyException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The server failed while these batches were on their way; no row of them is at fault. */
    static CopyException of(List<EncodedBatch> batches, SQLException error) {
        if (batches.isEmpty()) {
            throw new IllegalStateException("No rows were on their way", error);
        }
        EncodedBatch any = batches.get(0);
        StringBuilder text = new StringBuilder(any.load().source());
        long loads = batches.stream().map(EncodedBatch::load).distinct().count();
        if (loads > 1) {
            text.append(" and ").append(loads - 1).append(" more");
        } else {
            long first = Long.MAX_VALUE;
            long last = 0;
            for (EncodedBatch batch : batches) {
                first = Math.min(first, batch.span().firstRow());
                last = Math.max(last, batch.span().firstRow() + batch.size() - 1);
            }
            text.append(" in rows ").append(first).append(" to ").append(last);
        }
        Table table = any.target().table();
        text.append(": ").append(error.getSQLState()).append(' ');
        text.append(ServerRefusal.reason(error, table.citus()));
        return new CopyException(text + ". Nothing of these rows is in " + table.name(), error);
    }

    /**
     * The commit failed.
     *
     * @param remains what is in the table now
     */
    static CopyException atCommit(String source, SQLException error, String remains) {
        return new CopyException(
                "%s at the commit: %s %s. %s"
                        .formatted(
                                source,
                                error.getSQLState(),
                                ServerRefusal.reason(error, false),
                                remains),
                error);
    }

    /**
     * Too many rows were rejected.
     *
     * @param value the value of the column that the first one names; null where it is not known
     * @param count how many there are, at least
     * @param remains what is in the table now, and what to do
     */
    static CopyException tooMany(
            String source,
            RejectedRow first,
            String value,
            long count,
            MaxRejects most,
            String remains) {
        StringBuilder text = new StringBuilder(source);
        if (!most.isNone()) {
            text.append(
                    ": %d rows were rejected, maxRejects=%s allows no more; the first is"
                            .formatted(count, most));
        }
        text.append(" row ").append(first.rowNumber());
        if (first.column() != null) {
            text.append(", column ").append(first.column());
            if (value != null) {
                text.append(", value \"").append(value).append('"');
            }
        } else if (first.byteOffset() >= 0) {
            text.append(", byte ").append(first.byteOffset());
        }
        text.append(": ").append(first.sqlState()).append(' ').append(first.reason());
        return new CopyException(text + ". " + remains, null);
    }
}
