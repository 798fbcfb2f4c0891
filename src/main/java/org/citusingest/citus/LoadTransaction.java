package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LoadLog;
import org.citusingest.ledger.Publication;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowCursor;
import org.citusingest.rows.RowFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A load as one transaction: the rows of all its batches and their ledger rows become visible
 * together, or never.
 *
 * <p>Batches are encoded by the threads that bring them, side by side, and take turns at the one
 * connection.
 */
final class LoadTransaction implements OpenLoad {
    private static final Logger LOG = LoggerFactory.getLogger(LoadTransaction.class);

    /**
     * Rows are sent in pieces of this size: large enough for few turns, small enough to need no
     * memory.
     */
    private static final int PIECE_BYTES = 256 << 10;

    // With room for the row that goes beyond the piece.
    private static final int BUFFER_BYTES = PIECE_BYTES + (PIECE_BYTES >> 2);

    private final Claim claim;
    private final Ledger ledger;
    private final boolean ownsClaim;
    private final long started = System.nanoTime();

    private final ReentrantLock turn = new ReentrantLock();
    private final CopiedBatches copied = new CopiedBatches();
    private final AtomicLong listSize = new AtomicLong();
    private Lane lane;
    private final Connector connector;
    private boolean closed;
    private volatile boolean withoutColumns;
    private volatile Throwable failure;

    /** Opens the connection when the first row asks for it. */
    interface Connector {
        Connection connect() throws SQLException;
    }

    /**
     * Prepares the transaction; nothing is opened before the first batch.
     *
     * @param ownsClaim whether a failure is to be written to the ledger here; otherwise whoever
     *     claimed does that
     */
    LoadTransaction(Claim claim, Ledger ledger, Connector connector, boolean ownsClaim) {
        this.claim = claim;
        this.ledger = ledger;
        this.connector = connector;
        this.ownsClaim = ownsClaim;
    }

    @Override
    public void copy(CitusEndpoint endpoint, RowBatch batch) throws Exception {
        try {
            if (failure != null) {
                throw new LoadAbortedException(claim, failure);
            }
            if (batch.size() == 0 && batch.columns().isEmpty()) {
                withoutColumns = true;
                return;
            }
            CopyTarget target = endpoint.target(batch.columns());
            long rows = copyRows(target, batch);
            turn.lock();
            try {
                copied.add(target.table().sql(), batch.span(), rows);
            } finally {
                turn.unlock();
            }
            endpoint.statistics().copied(rows, batch.span().to() - batch.span().from());
        } catch (Exception e) {
            Exception placed = e instanceof RowFormatException row ? row.in(claim.source()) : e;
            fail(placed);
            batch.stop();
            throw placed;
        } finally {
            batch.release();
        }
    }

    @Override
    public long firstRow(int number, int size) {
        return 1 + number * listSize.accumulateAndGet(size, Math::max);
    }

    private long copyRows(CopyTarget target, RowBatch batch) throws Exception {
        RowEncoder encoder = new RowEncoder(target, claim.id());
        RowCursor row = batch.cursor();
        CopyBuffer binary = new CopyBuffer(target.binary() ? BUFFER_BYTES : 0);
        CopyBuffer text = new CopyBuffer(target.binary() ? 1024 : BUFFER_BYTES);
        CopyTextEncoder textEncoder = new CopyTextEncoder(text);
        RowNumbers binaryRows = new RowNumbers();
        RowNumbers textRows = new RowNumbers();
        long rows = 0;
        boolean more = true;
        while (more) {
            more = row.next();
            if (more) {
                rows++;
                if (target.binary() && encoder.binary(row, binary)) {
                    binaryRows.add(row.rowNumber());
                } else {
                    encoder.text(row, textEncoder);
                    textRows.add(row.rowNumber());
                }
            }
            if (!more || binary.size() >= PIECE_BYTES || text.size() >= PIECE_BYTES) {
                send(target, binary, binaryRows, text, textRows);
                binary.rewind(0);
                binaryRows.clear();
                text.rewind(0);
                textRows.clear();
            }
        }
        return rows;
    }

    private void send(
            CopyTarget target,
            CopyBuffer binary,
            RowNumbers binaryRows,
            CopyBuffer text,
            RowNumbers textRows)
            throws Exception {
        turn.lock();
        try {
            lane(target).write(target, CopyFormat.BINARY, binary, binaryRows);
            if (target.binary()) {
                lane(target).defer(target, text, textRows);
            } else {
                lane(target).write(target, CopyFormat.TEXT, text, textRows);
            }
        } catch (Exception e) {
            // Before the turn is given up: whoever has it next would only see the consequences.
            fail(e);
            throw e;
        } finally {
            turn.unlock();
        }
    }

    /** The lane; called with the turn held. */
    private Lane lane(CopyTarget target) throws SQLException, LoadAbortedException {
        if (failure != null || closed) {
            throw new LoadAbortedException(claim, failure);
        }
        if (lane == null) {
            lane = new Lane(connector.connect(), claim.source(), target.table().citus());
        }
        return lane;
    }

    @Override
    public LoadTotals publish(long batches) throws Exception {
        turn.lock();
        try {
            if (failure != null || closed) {
                throw new LoadAbortedException(claim, failure);
            }
            checkNoBatchIsMissing(batches);
            if (lane == null) {
                ledger.finishEmpty(claim);
                closed = true;
                return done(0);
            }
            lane.finish();
            List<CommittedRange> ranges = copied.ranges();
            long rows = ranges.stream().mapToLong(CommittedRange::rowsCopied).sum();
            ledger.publish(
                    lane.connection(), claim, new Publication(ranges, rows, 0, Optional.empty()));
            commit();
            closed = true;
            lane.close();
            ledger.release(claim);
            return done(rows);
        } catch (Exception e) {
            fail(e);
            throw e;
        } finally {
            turn.unlock();
        }
    }

    /** Commits; when the answer is lost, the ledger says whether it took place. */
    private void commit() throws SQLException {
        try {
            lane.commit();
        } catch (SQLException e) {
            LOG.warn(
                    "load={} commit not acknowledged, asking the ledger: {}",
                    claim.id(),
                    e.getMessage());
            if (!ledger.published(claim)) {
                throw e;
            }
        }
    }

    private LoadTotals done(long rows) {
        LoadLog.loaded(claim, rows, (System.nanoTime() - started) / 1e9);
        return new LoadTotals(claim.id(), rows, false);
    }

    // A batch that a step before citus: has swallowed would otherwise be lost without a word.
    private void checkNoBatchIsMissing(long batches) {
        if (copied.isEmpty() && batches > 0 && !withoutColumns) {
            throw missing(0, "citus:");
        }
        for (CopiedBatches.Missing missing : copied.missing(batches)) {
            throw missing(missing.number(), "citus:" + missing.table());
        }
    }

    private RouteException missing(long batch, String endpoint) {
        return new RouteException(
                "%s: batch %d never reached %s, so nothing of it is kept; does a step of the route %s filter batches or hide an error?"
                        .formatted(claim.source(), batch, endpoint, claim.pipeline()));
    }

    private void fail(Throwable cause) {
        if (failure == null && !(cause instanceof LoadAbortedException)) {
            failure = cause;
        }
    }

    @Override
    public void abort(Throwable cause) {
        fail(cause);
        turn.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            if (lane != null) {
                lane.close();
            }
        } finally {
            turn.unlock();
        }
        if (ownsClaim) {
            String error = Failure.oneLine(failure);
            LoadLog.failed(claim, error);
            ledger.fail(claim, error);
        }
    }

    /** Fails the load for good, whoever claimed it: the route is at fault. */
    void reject(String reason) {
        abort(new RouteException(reason));
        ledger.fail(claim, reason);
    }
}
