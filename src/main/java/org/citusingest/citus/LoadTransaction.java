package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowBatch.Span;
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

    private final Claim claim;
    private final Ledger ledger;
    private final boolean ownsClaim;
    private final long started = System.nanoTime();

    private final ReentrantLock turn = new ReentrantLock();
    private final Map<String, TreeMap<Long, Copied>> copied = new LinkedHashMap<>();
    private final AtomicLong listSize = new AtomicLong();
    private Lane lane;
    private Connector connector;
    private boolean closed;
    private volatile boolean withoutColumns;
    private volatile Throwable failure;

    /** What of a batch is in one table. */
    private record Copied(Span span, long rows) {
        Copied and(Copied again) {
            return new Copied(span, rows + again.rows);
        }
    }

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
            long rows = target.binary() ? copyBinary(target, batch) : copyText(target, batch);
            turn.lock();
            try {
                // By its name: the same table may be read from the catalog again during a load.
                copied.computeIfAbsent(target.table().sql(), unused -> new TreeMap<>())
                        .merge(batch.span().number(), new Copied(batch.span(), rows), Copied::and);
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

    private long copyBinary(CopyTarget target, RowBatch batch) throws Exception {
        RowEncoder encoder = new RowEncoder(target, claim.id());
        RowCursor row = batch.cursor();
        CopyBuffer binary = new CopyBuffer(PIECE_BYTES + (PIECE_BYTES >> 2));
        CopyBuffer text = new CopyBuffer(1024);
        CopyTextEncoder textEncoder = new CopyTextEncoder(text);
        RowNumbers binaryRows = new RowNumbers();
        RowNumbers textRows = new RowNumbers();
        long rows = 0;
        boolean more = true;
        while (more) {
            more = row.next();
            if (more) {
                rows++;
                if (encoder.binary(row, binary)) {
                    binaryRows.add(row.rowNumber());
                } else {
                    encoder.text(row, textEncoder);
                    textRows.add(row.rowNumber());
                }
            }
            if (!more || binary.size() >= PIECE_BYTES || text.size() >= PIECE_BYTES) {
                turn.lock();
                try {
                    lane(target).write(target, CopyFormat.BINARY, binary, binaryRows);
                    lane(target).defer(target, text, textRows);
                } finally {
                    turn.unlock();
                }
                binary.rewind(0);
                binaryRows.clear();
                text.rewind(0);
                textRows.clear();
            }
        }
        return rows;
    }

    private long copyText(CopyTarget target, RowBatch batch) throws Exception {
        RowEncoder encoder = new RowEncoder(target, claim.id());
        RowCursor row = batch.cursor();
        CopyBuffer text = new CopyBuffer(PIECE_BYTES + (PIECE_BYTES >> 2));
        CopyTextEncoder textEncoder = new CopyTextEncoder(text);
        RowNumbers numbers = new RowNumbers();
        long rows = 0;
        boolean more = true;
        while (more) {
            more = row.next();
            if (more) {
                rows++;
                encoder.text(row, textEncoder);
                numbers.add(row.rowNumber());
            }
            if (!more || text.size() >= PIECE_BYTES) {
                turn.lock();
                try {
                    lane(target).write(target, CopyFormat.TEXT, text, numbers);
                } finally {
                    turn.unlock();
                }
                text.rewind(0);
                numbers.clear();
            }
        }
        return rows;
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
            List<CommittedRange> ranges = ranges();
            long rows = ranges.stream().mapToLong(CommittedRange::rowsCopied).sum();
            ledger.publish(lane.connection(), claim, ranges, rows);
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
        double seconds = (System.nanoTime() - started) / 1e9;
        LOG.info(
                "load={} pipeline={} source={} rows={} rejected=0 bytes={} seconds={} rowsPerSecond={}",
                claim.id(),
                claim.pipeline(),
                claim.source(),
                rows,
                claim.sizeBytes(),
                String.format(java.util.Locale.ROOT, "%.3f", seconds),
                Math.round(rows / seconds));
        return new LoadTotals(claim.id(), rows, false);
    }

    // A batch that a step before citus: has swallowed would otherwise be lost without a word.
    private void checkNoBatchIsMissing(long batches) {
        if (copied.isEmpty() && batches > 0 && !withoutColumns) {
            throw missing(0, "citus:");
        }
        copied.forEach(
                (table, known) -> {
                    for (long number = 0; number < batches; number++) {
                        if (!known.containsKey(number)) {
                            throw missing(number, "citus:" + table);
                        }
                    }
                });
    }

    private IllegalStateException missing(long batch, String endpoint) {
        return new IllegalStateException(
                "%s: batch %d never reached %s, so nothing of it is kept; does a step of the route %s filter batches or hide an error?"
                        .formatted(claim.source(), batch, endpoint, claim.pipeline()));
    }

    /**
     * The range of each table, from its first batch to its last: none is missing. Lists that were
     * copied before the size of all others was known have wrong ends, so their rows are counted.
     */
    private List<CommittedRange> ranges() {
        List<CommittedRange> ranges = new ArrayList<>();
        copied.forEach(
                (table, batches) -> {
                    long rows = batches.values().stream().mapToLong(Copied::rows).sum();
                    Span first = batches.firstEntry().getValue().span();
                    Span last = batches.lastEntry().getValue().span();
                    long to = Math.max(last.to(), first.from() + rows);
                    ranges.add(new CommittedRange(table, first.from(), to, rows));
                });
        return ranges;
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
            LOG.warn(
                    "load={} pipeline={} source={} failed: {}",
                    claim.id(),
                    claim.pipeline(),
                    claim.source(),
                    error);
            ledger.fail(claim, error);
        }
    }

    /** Fails the load for good, whoever claimed it: the route is at fault. */
    void reject(String reason) {
        abort(new IllegalStateException(reason));
        ledger.fail(claim, reason);
    }
}
