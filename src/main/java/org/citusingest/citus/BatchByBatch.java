package org.citusingest.citus;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.citusingest.ledger.Backends;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.ledger.Failpoint;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.Publication;
import org.citusingest.ledger.RejectedRow;
import org.citusingest.rows.RowBatch;

/**
 * {@code publish=batch}: every batch is a transaction of its own, with its ledger row, and on a
 * connection of its own, so that batches are copied side by side. What an earlier attempt has
 * committed is passed over, whatever the size of its batches was.
 */
final class BatchByBatch implements Publisher {
    private final Load load;
    private final Claim claim;
    private final Ledger ledger;
    private final Connector connector;
    private final Rejections rejections;
    private final RowsPool pool = new RowsPool();
    private final Set<Lane> lanes = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    BatchByBatch(Load load, Ledger ledger, Connector connector) {
        this.load = load;
        this.claim = load.claim();
        this.ledger = ledger;
        this.connector = connector;
        this.rejections = load.rejections();
    }

    @Override
    public void copy(CopyTarget target, Load load, RowBatch batch, MaxRejects limit)
            throws Exception {
        BatchEncoder encoder = new BatchEncoder(target, load, pool);
        try {
            for (EarlierRanges.Part part :
                    load.earlier().missing(target.table().sql(), batch.span())) {
                if (target.shards() != null) {
                    copyToShards(target, batch, part, encoder, limit);
                } else if (part.shards().isEmpty()) {
                    copy(encoder.encode(batch, part.span(), () -> {}), List.of(), limit);
                } else {
                    throw target.partlyIn(claim);
                }
            }
        } finally {
            batch.release();
        }
    }

    /** One transaction for each node, and one more for the rows that go by the coordinator. */
    private void copyToShards(
            CopyTarget target,
            RowBatch batch,
            EarlierRanges.Part part,
            BatchEncoder encoder,
            MaxRejects limit)
            throws Exception {
        Set<Long> in = new HashSet<>(part.shards());
        ShardMap map = target.shards().map();
        for (int moves = 0; map != null; moves++) {
            ShardBatch divided =
                    ShardBatch.of(
                            target,
                            map,
                            batch,
                            new EarlierRanges.Part(part.span(), in),
                            encoder,
                            pool,
                            () -> {});
            map = null;
            List<CommittedRange> beside = new ArrayList<>();
            if (divided.rest() != null && divided.rest().size() > 0) {
                copy(divided.rest(), List.of(), limit);
                in.addAll(divided.rest().shards());
            } else if (divided.rest() != null) {
                beside.add(divided.rest().range(0));
                divided.rest().done().run();
            }
            for (Map.Entry<ShardMap.Node, EncodedBatch> one : divided.nodes().entrySet()) {
                EncodedBatch rows = one.getValue();
                if (!copyToNode(one.getKey(), rows, beside, limit)) {
                    map = movedAgain(target, moves);
                    break;
                }
                in.addAll(rows.shards());
                beside.forEach(range -> in.addAll(range.shards()));
                beside.clear();
            }
        }
    }

    private static ShardMap movedAgain(CopyTarget target, int moves) throws SQLException {
        if (moves == Shards.MOST_MOVES) {
            throw target.shards().movedAllTheTime();
        }
        return target.shards().readAgain();
    }

    /** False when one of the shards is not on this node any more. */
    private boolean copyToNode(
            ShardMap.Node node, EncodedBatch rows, List<CommittedRange> beside, MaxRejects limit)
            throws Exception {
        Outcome outcome = new Outcome(limit);
        CopyTarget target = rows.target();
        Lane lane = open(target, () -> target.shards().connect(node), outcome);
        try {
            if (!lane.lockShards(target, rows.shards())) {
                return false;
            }
            copy(lane, outcome, rows, beside);
            return true;
        } finally {
            lanes.remove(lane);
            lane.close();
        }
    }

    private void copy(EncodedBatch rows, List<CommittedRange> beside, MaxRejects limit)
            throws Exception {
        Outcome outcome = new Outcome(limit);
        Connector nodes = rows.target().nodes();
        Lane lane = open(rows.target(), nodes == null ? connector : nodes, outcome);
        try {
            copy(lane, outcome, rows, beside);
        } finally {
            lanes.remove(lane);
            lane.close();
        }
    }

    /**
     * Copies and commits.
     *
     * @param beside ranges without rows that are committed with it
     */
    private void copy(Lane lane, Outcome outcome, EncodedBatch rows, List<CommittedRange> beside)
            throws Exception {
        // Its buffers are used again once they have been sent.
        CommittedRange all = rows.range(0);
        lane.copy(rows);
        lane.settle();
        int rejected = outcome.rejected.size();
        List<CommittedRange> ranges = new ArrayList<>(beside);
        ranges.add(
                new CommittedRange(
                        all.table(),
                        all.from(),
                        all.to(),
                        all.rowsCopied() - rejected,
                        rejected,
                        all.shards()));
        Failpoint.BEFORE_LEDGER.reach();
        ledger.commitRanges(
                lane.connection(), claim, ranges, rejections.header(), outcome.rejected);
        Failpoint.BEFORE_COMMIT.reach();
        commit(lane);
        Failpoint.AFTER_COMMIT.reach();
    }

    /**
     * Commits; where the answer is lost the load fails, and its next attempt reads the ledger.
     * There is none while a transaction, of which nothing more is heard, holds the row of the load:
     * it is waited for or ended.
     */
    private void commit(Lane lane) throws CopyException {
        try {
            lane.commit(List.of(claim));
        } catch (SQLException e) {
            lane.abort();
            ledger.published(claim);
            throw CopyException.atCommit(
                    claim.source(), e, "The ledger knows whether this batch is in its table");
        }
    }

    private Lane open(CopyTarget target, Connector to, Outcome outcome)
            throws SQLException, LoadAbortedException {
        if (closed) {
            throw new LoadAbortedException(claim.source(), null);
        }
        Lane lane =
                new Lane(
                        to.connect(),
                        Backends.name(List.of(claim)),
                        target.table().citus(),
                        ledger,
                        outcome);
        lanes.add(lane);
        return lane;
    }

    /** Collects the rejected rows of a batch. */
    private final class Outcome implements Lane.Outcome {
        private final MaxRejects limit;
        private List<RejectedRow> rejected = List.of();

        Outcome(MaxRejects limit) {
            this.limit = limit;
        }

        @Override
        public long most(EncodedBatch batch) {
            return rejections.left(limit);
        }

        @Override
        public void settled(EncodedBatch batch, List<Refusal> refusals) throws CopyException {
            rejected =
                    rejections.add(
                            batch,
                            refusals,
                            limit,
                            "The batches before stay in %s: citus-ingest unload --load %d removes them, citus-ingest reload --load %d loads the rest once the row is corrected or maxRejects raised"
                                    .formatted(
                                            batch.target().table().name(), claim.id(), claim.id()));
        }
    }

    @Override
    public Map<Claim, Publication> publish(Optional<String> onRemove) throws Exception {
        Failpoint.BEFORE_PUBLISH.reach();
        rejections.check(load.copied().rows());
        long inLedger =
                ledger.committed(claim).stream()
                        .mapToLong(range -> range.rowsCopied() + range.rowsRejected())
                        .sum();
        load.copied().check(claim, inLedger);
        Publication published = ledger.publishRanges(claim, onRemove);
        closed = true;
        return Map.of(claim, published);
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public void abandon() {
        closed = true;
        lanes.forEach(Lane::abort);
    }
}
