package org.citusingest.citus;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.ledger.Failpoint;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.Publication;
import org.citusingest.ledger.RejectedRow;
import org.citusingest.rows.RowBatch;

/**
 * {@code publish=load}: one transaction, so that the rows of all batches, the rejected rows and the
 * ledger's rows become visible together, or never. The batches take turns at its one connection.
 */
final class WholeLoad implements Publisher {
    private final Claim claim;
    private final Ledger ledger;
    private final Connector connector;
    private final Rejections rejections;

    private final ReentrantLock turn = new ReentrantLock();
    private volatile Lane lane;
    private MaxRejects limit;
    private Throwable broken;
    private boolean closed;

    WholeLoad(Claim claim, Ledger ledger, Connector connector, Rejections rejections) {
        this.claim = claim;
        this.ledger = ledger;
        this.connector = connector;
        this.rejections = rejections;
    }

    @Override
    public CitusEndpoint.Publish mode() {
        return CitusEndpoint.Publish.load;
    }

    @Override
    public void copy(CopyTarget target, RowBatch batch, MaxRejects limit) throws Exception {
        EncodedBatch encoded;
        try {
            encoded = new BatchEncoder(target, claim.id()).encode(batch);
        } catch (RuntimeException e) {
            batch.release();
            throw e;
        }
        turn.lock();
        try {
            if (closed || broken != null) {
                batch.release();
                throw new LoadAbortedException(claim, broken);
            }
            this.limit = limit;
            if (lane == null) {
                boolean citus = target.table().citus();
                lane =
                        new Lane(
                                connector.connect(),
                                claim,
                                citus,
                                new Judge(ledger),
                                new Outcome());
            }
            lane.copy(encoded);
        } catch (Exception e) {
            // Before the turn is given up: whoever has it next would only see the consequences.
            broken = e;
            throw e;
        } finally {
            turn.unlock();
        }
    }

    /** Writes the rejected rows in the transaction of the good ones. */
    private final class Outcome implements Lane.Outcome {
        @Override
        public long most() {
            return rejections.left(limit);
        }

        @Override
        public void settled(EncodedBatch batch, List<Refusal> refusals)
                throws SQLException, CopyException {
            List<RejectedRow> rows =
                    rejections.add(
                            batch,
                            refusals,
                            limit,
                            "Nothing of this load is in %s; correct the row and upload the file again"
                                    .formatted(batch.target().table().name()));
            if (!rows.isEmpty()) {
                ledger.reject(lane.connection(), claim, rejections.header(), rows);
            }
        }

        @Override
        public void done(EncodedBatch batch) {
            batch.batch().release();
        }
    }

    @Override
    public Publication publish(CopiedBatches copied, Optional<String> onRemove) throws Exception {
        turn.lock();
        try {
            lane.settle();
            List<CommittedRange> ranges = copied.ranges(rejections.byTable());
            long rows = ranges.stream().mapToLong(CommittedRange::rowsCopied).sum();
            long rejected = rejections.count();
            rejections.check(rows + rejected);
            Publication publication = new Publication(ranges, rows, rejected, onRemove);
            Failpoint.BEFORE_LEDGER.reach();
            ledger.publish(lane.connection(), claim, publication);
            Failpoint.BEFORE_COMMIT.reach();
            commit();
            Failpoint.AFTER_COMMIT.reach();
            closed = true;
            lane.close();
            return publication;
        } finally {
            turn.unlock();
        }
    }

    /** Commits; when the answer is lost, the ledger says whether it took place. */
    private void commit() throws CopyException {
        try {
            lane.commit();
        } catch (SQLException e) {
            // Whatever the server still does with it, this connection hears nothing of it any more.
            lane.abort();
            if (!ledger.published(claim)) {
                throw CopyException.atCommit(
                        claim.source(), e, "Nothing of this load is in its tables");
            }
        }
    }

    @Override
    public void close() {
        turn.lock();
        try {
            closed = true;
            if (lane != null) {
                lane.close();
            }
        } finally {
            turn.unlock();
        }
    }

    @Override
    public void abandon() {
        // Without the turn: whoever has it may wait for a server that does not answer.
        Lane current = lane;
        if (current != null) {
            current.abort();
        }
    }
}
