package org.citusingest.citus;

import java.sql.SQLException;
import java.util.List;
import org.citusingest.ledger.Failpoint;

/**
 * Finds the rows that the server refuses among those that it takes. It copies runs of rows, each
 * under a savepoint: a run that is refused is cut at the row that the server names, or in the
 * middle where it names none; after a run that is taken the next one is longer.
 */
final class Isolation {
    private static final int SHORT_RUN = 16;

    private final Attempts attempts;

    /** Tries rows, without a trace where they are refused. */
    interface Attempts {
        /**
         * Copies a run of rows.
         *
         * @return why they were refused; null when all of them are in
         * @throws SQLException when the server failed in another way
         */
        ServerRefusal copy(CopyTarget target, EncodedRows rows, int from, int to)
                throws SQLException;

        /**
         * As {@link #copy}, for a row by itself, in a way that leaves no doubt about the reason.
         */
        ServerRefusal insert(EncodedBatch batch, int index) throws SQLException;
    }

    Isolation(Attempts attempts) {
        this.attempts = attempts;
    }

    /**
     * Copies those of the rows that the server takes.
     *
     * @param refusals where the others are told
     * @param most stops when there are more refusals than this
     */
    void copy(EncodedBatch batch, EncodedRows rows, List<Refusal> refusals, long most)
            throws SQLException {
        int at = 0;
        int run = rows.size();
        while (at < rows.size() && refusals.size() <= most) {
            int to = (int) Math.min((long) at + run, rows.size());
            ServerRefusal refusal = attempts.copy(batch.target(), rows, at, to);
            if (refusal == null) {
                at = to;
                run = run > rows.size() / 2 ? rows.size() : run * 2;
                continue;
            }
            Failpoint.IN_ISOLATION.reach();
            int named = refusal.row();
            if (to - at == 1) {
                refuse(batch, rows, at, refusal, refusal.isUnclear(), refusals);
                at = to;
            } else if (named < 0 || named >= to - at) {
                run = (to - at) / 2;
            } else if (named == 0 || attempts.copy(batch.target(), rows, at, at + named) == null) {
                boolean doubtful = refusal.isUnclear() || refusal.isHint();
                refuse(batch, rows, at + named, refusal, doubtful, refusals);
                at += named + 1;
                run = Math.max(2 * named, SHORT_RUN);
            } else {
                run = Math.max(1, named / 2);
            }
        }
    }

    private void refuse(
            EncodedBatch batch,
            EncodedRows rows,
            int row,
            ServerRefusal refusal,
            boolean doubtful,
            List<Refusal> refusals)
            throws SQLException {
        int index = rows.index(row);
        ServerRefusal alone = doubtful ? attempts.insert(batch, index) : refusal;
        // A COPY names the column too.
        ServerRefusal reason = refusal.isConfirmedBy(alone) ? refusal : alone;
        // Alone it may be taken: what failed before was not the row.
        if (reason != null) {
            refusals.add(reason.at(index));
        }
    }
}
