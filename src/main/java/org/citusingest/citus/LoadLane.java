package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.RejectedRow;

/**
 * A lane of loads that are published as a whole, and what of them is in its transaction. Used by
 * one thread at a time.
 */
final class LoadLane implements Lane.Outcome {
    private final Ledger ledger;
    private final Lane lane;
    private final Map<Load, List<CommittedRange>> ranges = new HashMap<>();
    private MaxRejects limit;

    /**
     * Begins its transaction on the connection.
     *
     * @param name see {@link Lane}
     */
    LoadLane(Connection connection, String name, boolean citus, Ledger ledger) throws SQLException {
        this.ledger = ledger;
        lane = new Lane(connection, name, citus, ledger, this);
    }

    void copy(EncodedBatch batch, MaxRejects limit) throws SQLException, CopyException {
        this.limit = limit;
        if (batch.size() == 0) {
            // Nothing to wait for with the memory of the batch.
            add(batch, 0);
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

    private void add(EncodedBatch batch, int rejected) {
        ranges.computeIfAbsent(batch.load(), load -> new ArrayList<>()).add(batch.range(rejected));
    }

    @Override
    public long most(EncodedBatch batch) {
        return batch.load().rejections().left(limit);
    }

    /** Writes the rejected rows in the transaction of the good ones. */
    @Override
    public void settled(EncodedBatch batch, List<Refusal> refusals)
            throws SQLException, CopyException {
        Load load = batch.load();
        String remains =
                (load.earlier().isEmpty()
                                ? "Nothing of this load is in %s; correct the row and upload the file again"
                                : "What an earlier attempt has committed stays in %s: citus-ingest unload --load %d removes it")
                        .formatted(batch.target().table().name(), load.claim().id());
        List<RejectedRow> rows = load.rejections().add(batch, refusals, limit, remains);
        if (!rows.isEmpty()) {
            ledger.reject(lane.connection(), load.claim(), load.rejections().header(), rows);
        }
        add(batch, rows.size());
    }

    /** The ranges of the load's source in its transaction, adjoining ones as one. */
    List<CommittedRange> ranges(Load load) {
        List<CommittedRange> ranges = this.ranges.getOrDefault(load, new ArrayList<>());
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

    /** Commits what it has of these loads. */
    void commit(List<Claim> claims) throws SQLException {
        lane.commit(claims);
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
