package org.citusingest.citus;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.ledger.Failpoint;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.Publication;
import org.citusingest.ledger.RejectedRow;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowBatch.Span;

/**
 * {@code publish=batch}: every batch is a transaction of its own, with its ledger row, and on a
 * connection of its own, so that batches are copied side by side. What an earlier attempt has
 * committed is passed over, whatever the size of its batches was.
 */
final class BatchByBatch implements Publisher {
    private final Claim claim;
    private final Ledger ledger;
    private final Connector connector;
    private final Rejections rejections;
    private final EarlierRanges earlier;
    private final RowsPool pool = new RowsPool();
    private final Set<Lane> lanes = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    BatchByBatch(Claim claim, Ledger ledger, Connector connector, Rejections rejections) {
        this.claim = claim;
        this.ledger = ledger;
        this.connector = connector;
        this.rejections = rejections;
        this.earlier = new EarlierRanges(ledger.committed(claim));
        rejections.countEarlier(earlier.rowsRejected());
    }

    @Override
    public CitusEndpoint.Publish mode() {
        return CitusEndpoint.Publish.batch;
    }

    @Override
    public void copy(CopyTarget target, RowBatch batch, MaxRejects limit) throws Exception {
        try {
            for (EarlierRanges.Part part : earlier.missing(target.table().sql(), batch.span())) {
                copyPart(target, batch, part.span(), limit);
            }
        } finally {
            batch.release();
        }
    }

    private void copyPart(CopyTarget target, RowBatch batch, Span part, MaxRejects limit)
            throws Exception {
        EncodedBatch encoded =
                new BatchEncoder(target, claim.id(), pool).encode(batch, part, () -> {});
        int rows = encoded.size();
        Outcome outcome = new Outcome(limit);
        Lane lane = open(target, outcome);
        try {
            lane.copy(encoded);
            lane.settle();
            CommittedRange range =
                    new CommittedRange(
                            target.table().sql(),
                            part.from(),
                            part.to(),
                            (long) rows - outcome.rejected.size(),
                            outcome.rejected.size());
            Failpoint.BEFORE_LEDGER.reach();
            ledger.commitRanges(
                    lane.connection(),
                    claim,
                    List.of(range),
                    rejections.header(),
                    outcome.rejected);
            Failpoint.BEFORE_COMMIT.reach();
            commit(lane);
            Failpoint.AFTER_COMMIT.reach();
        } finally {
            lanes.remove(lane);
            lane.close();
        }
    }

    /**
     * Commits; where the answer is lost the load fails, and its next attempt reads the ledger.
     * There is none while a transaction, of which nothing more is heard, holds the row of the load:
     * it is waited for or ended.
     */
    private void commit(Lane lane) throws CopyException {
        try {
            lane.commit();
        } catch (SQLException e) {
            lane.abort();
            ledger.published(claim);
            throw CopyException.atCommit(
                    claim.source(), e, "The ledger knows whether this batch is in its table");
        }
    }

    private Lane open(CopyTarget target, Outcome outcome)
            throws SQLException, LoadAbortedException {
        if (closed) {
            throw new LoadAbortedException(claim, null);
        }
        Lane lane =
                new Lane(
                        connector.connect(),
                        claim,
                        target.table().citus(),
                        new Judge(ledger),
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
        public long most() {
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
    public Publication publish(CopiedBatches copied, Optional<String> onRemove) throws Exception {
        Failpoint.BEFORE_PUBLISH.reach();
        rejections.check(copied.rows());
        long inLedger =
                ledger.committed(claim).stream()
                        .mapToLong(range -> range.rowsCopied() + range.rowsRejected())
                        .sum();
        copied.check(claim, inLedger);
        Publication published = ledger.publishRanges(claim, onRemove);
        closed = true;
        return published;
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
