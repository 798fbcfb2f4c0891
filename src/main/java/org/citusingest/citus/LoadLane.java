package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.RejectedRow;

/**
 * A lane of a load that is published as a whole, and what of the load is in its transaction. Used
 * by one thread at a time.
 */
final class LoadLane implements Lane.Outcome {
    private final Claim claim;
    private final Ledger ledger;
    private final Rejections rejections;
    private final String remains;
    private final Lane lane;
    private final List<CommittedRange> ranges = new ArrayList<>();
    private MaxRejects limit;

    /**
     * Begins its transaction on the connection.
     *
     * @param remains what a message says of a table when too many rows are rejected, with a {@code
     *     %s} for its name
     */
    LoadLane(
            Connection connection,
            Claim claim,
            boolean citus,
            Ledger ledger,
            Rejections rejections,
            String remains)
            throws SQLException {
        this.claim = claim;
        this.ledger = ledger;
        this.rejections = rejections;
        this.remains = remains;
        lane = new Lane(connection, claim, citus, new Judge(ledger), this);
    }

    void copy(EncodedBatch batch, MaxRejects limit) throws SQLException, CopyException {
        this.limit = limit;
        if (batch.size() == 0) {
            // Nothing to wait for with the memory of the batch.
            ranges.add(batch.range(0));
            batch.done().run();
        } else {
            lane.copy(batch);
        }
    }

    /** See {@link Lane#lockShards}. */
    boolean lockShards(CopyTarget target, List<Long> shards) throws SQLException {
        return lane.lockShards(target, shards);
    }

    /** Waits until the server has judged every row. */
    void settle() throws SQLException, CopyException {
        lane.settle();
    }

    @Override
    public long most() {
        return rejections.left(limit);
    }

    /** Writes the rejected rows in the transaction of the good ones. */
    @Override
    public void settled(EncodedBatch batch, List<Refusal> refusals)
            throws SQLException, CopyException {
        List<RejectedRow> rows =
                rejections.add(
                        batch, refusals, limit, remains.formatted(batch.target().table().name()));
        if (!rows.isEmpty()) {
            ledger.reject(lane.connection(), claim, rejections.header(), rows);
        }
        ranges.add(batch.range(rows.size()));
    }

    /** The ranges of the source in its transaction, adjoining ones as one. */
    List<CommittedRange> ranges() {
        ranges.sort(
                Comparator.comparing(CommittedRange::table)
                        .thenComparing(range -> range.shards().toString())
                        .thenComparing(CommittedRange::from));
        List<CommittedRange> joined = new ArrayList<>();
        for (CommittedRange next : ranges) {
            CommittedRange last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (last != null && last.isFollowedBy(next)) {
                joined.set(joined.size() - 1, last.and(next));
            } else {
                joined.add(next);
            }
        }
        return joined;
    }

    Connection connection() {
        return lane.connection();
    }

    void commit() throws SQLException {
        lane.commit();
    }

    /** Closes its connection under whatever is going on with it, from any thread. */
    void abort() {
        lane.abort();
    }

    /** Rolls back what is not committed. */
    void close() {
        lane.close();
    }
}
