package org.citusingest.citus;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.Failpoint;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LoadLog;
import org.citusingest.ledger.OverwriteException;
import org.citusingest.ledger.Publication;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A load of this process, from its first batch to its publication or its end. How its rows become
 * visible is left to a {@link Publisher}, which the first batch decides on by the endpoint that it
 * came to.
 *
 * <p>Batches are encoded by the threads that bring them, side by side.
 */
final class ClaimedLoad implements OpenLoad {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimedLoad.class);

    private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(10);
    private static final long LIST_SIZE_MILLIS = 10_000;

    private final Claim claim;
    private final Ledger ledger;
    private final Connector connector;
    private final boolean ownsClaim;
    private final long started = System.nanoTime();

    private final Map<List<Object>, CopyTarget> targets = new HashMap<>();
    private final CopiedBatches copied = new CopiedBatches();
    private final Rejections rejections;
    // Of a collating split; guards itself.
    private final AtomicLong listSize = new AtomicLong();
    private volatile Publisher publisher;
    private String rejectTo;
    private volatile String onRemove;
    private boolean closed;
    private volatile boolean withoutColumns;
    private volatile Throwable failure;

    /**
     * Prepares the load; nothing is opened before the first batch.
     *
     * @param ownsClaim whether a failure is to be written to the ledger here; otherwise whoever
     *     claimed does that
     */
    ClaimedLoad(Claim claim, Ledger ledger, Connector connector, boolean ownsClaim) {
        this.claim = claim;
        this.ledger = ledger;
        this.connector = connector;
        this.ownsClaim = ownsClaim;
        this.rejections = new Rejections(claim.source());
    }

    @Override
    public void copy(CitusEndpoint endpoint, RowBatch batch) throws Exception {
        boolean given = false;
        try {
            checkOpen();
            if (batch.size() == 0 && batch.columns().isEmpty()) {
                withoutColumns = true;
                onRemove = endpoint.getOnRemove();
                return;
            }
            CopyTarget target = target(endpoint, batch.columns());
            Publisher to = publisher(endpoint);
            given = true;
            to.copy(target, batch, endpoint.maxRejects());
            synchronized (copied) {
                copied.add(target.table().sql(), batch.span(), batch.size());
            }
            endpoint.statistics().copied(batch.size(), batch.span().to() - batch.span().from());
        } catch (Exception e) {
            Exception placed = e instanceof RowFormatException row ? row.in(claim.source()) : e;
            fail(placed);
            batch.stop();
            throw placed;
        } finally {
            if (!given) {
                batch.release();
            }
        }
    }

    /**
     * Read once a load: a table may change between loads. One thread at a time, as the first
     * batches come together and are to go by one COPY.
     */
    private CopyTarget target(CitusEndpoint endpoint, List<String> columns) throws SQLException {
        synchronized (targets) {
            List<Object> key = List.of(endpoint, columns);
            CopyTarget known = targets.get(key);
            if (known == null) {
                known = endpoint.target(columns);
                targets.put(key, known);
            }
            return known;
        }
    }

    private synchronized Publisher publisher(CitusEndpoint endpoint) throws LoadAbortedException {
        if (closed) {
            throw new LoadAbortedException(claim, failure);
        }
        CitusEndpoint.Publish mode = endpoint.getPublish();
        if (publisher == null) {
            publisher =
                    switch (mode) {
                        case load ->
                                new WholeLoad(
                                        claim,
                                        ledger,
                                        connector,
                                        rejections,
                                        endpoint.getComponent().spareConnections(),
                                        endpoint.mostLanes());
                        case batch -> new BatchByBatch(claim, ledger, connector, rejections);
                    };
            rejectTo = endpoint.getRejectTo();
            onRemove = endpoint.getOnRemove();
            ledger.onLost(claim, this::abandon);
        } else if (publisher.mode() != mode) {
            throw new RouteException(
                    "The load of %s goes to tables by publish=%s and by publish=%s: give all citus: of the route %s the same"
                            .formatted(claim.source(), publisher.mode(), mode, claim.pipeline()));
        }
        return publisher;
    }

    private void checkOpen() throws LoadAbortedException {
        if (failure != null) {
            throw new LoadAbortedException(claim, failure);
        }
    }

    @Override
    public long firstRow(CitusEndpoint endpoint, int number, int size) throws InterruptedException {
        synchronized (listSize) {
            if (size > 0) {
                listSize.set(size);
                listSize.notifyAll();
            }
            // Only where a wrong range would be committed: others may wait for this list to end.
            boolean exact = endpoint.getPublish() == CitusEndpoint.Publish.batch;
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIST_SIZE_MILLIS);
            while (exact && number > 0 && listSize.get() == 0) {
                if (System.nanoTime() > until) {
                    throw missing(0, "citus:" + endpoint.getTable());
                }
                listSize.wait(LIST_SIZE_MILLIS);
            }
            return 1 + number * listSize.get();
        }
    }

    @Override
    public synchronized LoadTotals publish(long batches) throws Exception {
        try {
            if (failure != null || closed) {
                throw new LoadAbortedException(claim, failure);
            }
            checkNoBatchIsMissing(batches);
            if (publisher == null) {
                // An empty version replaces the one before it too.
                Publication empty = ledger.publishRanges(claim, Optional.ofNullable(onRemove));
                closed = true;
                ledger.release(claim);
                return done(empty);
            }
            Publication published;
            synchronized (copied) {
                published = publisher.publish(copied, Optional.ofNullable(onRemove));
            }
            closed = true;
            ledger.release(claim);
            return done(published);
        } catch (OverwriteException e) {
            fail(e);
            closed = true;
            if (publisher != null) {
                publisher.close();
            }
            if (e.skipped()) {
                ledger.discard(claim, e.getMessage());
                LoadLog.skipped(claim, e.getMessage());
                return new LoadTotals(claim.id(), 0, 0, true);
            }
            throw e;
        } catch (Exception e) {
            fail(e);
            throw e;
        }
    }

    private LoadTotals done(Publication published) {
        double seconds = (System.nanoTime() - started) / (double) TimeUnit.SECONDS.toNanos(1);
        LoadLog.loaded(claim, published.rowsCopied(), published.rowsRejected(), seconds);
        if (!ledger.awaitVisible(claim, VISIBLE_WITHIN)) {
            LOG.warn(
                    "load={} is committed, but not yet visible on all nodes; its summary waits for Citus to recover the commit",
                    claim.id());
        }
        Failpoint.AFTER_PUBLISH.reach();
        return new LoadTotals(claim.id(), published.rowsCopied(), published.rowsRejected(), false);
    }

    // A batch that a step before citus: has swallowed would otherwise be lost without a word.
    private void checkNoBatchIsMissing(long batches) {
        synchronized (copied) {
            if (copied.isEmpty() && batches > 0 && !withoutColumns) {
                throw missing(0, "citus:");
            }
            for (CopiedBatches.Missing missing : copied.missing(batches)) {
                throw missing(missing.number(), "citus:" + missing.table());
            }
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
    public synchronized void abort(Throwable cause) {
        fail(cause);
        if (closed) {
            return;
        }
        closed = true;
        if (publisher != null) {
            publisher.close();
            keepRejects();
        }
        if (ownsClaim) {
            String error = Failure.oneLine(failure);
            LoadLog.failed(claim, error);
            Failpoint.BEFORE_OUTCOME.reach();
            ledger.fail(claim, error);
        }
    }

    /** What a load rejected before it failed is for a person to read. */
    private void keepRejects() {
        if (!rejections.kept().isEmpty()) {
            try {
                Failpoint.BEFORE_REJECTS.reach();
                ledger.keepRejects(claim, rejections.header(), rejections.kept());
            } catch (RuntimeException e) {
                LOG.warn(
                        "load={} its rejected rows could not be kept: {}",
                        claim.id(),
                        Failure.oneLine(e));
            }
        }
    }

    /** Fails the load for good, whoever claimed it: the route is at fault. */
    void reject(String reason) {
        abort(new RouteException(reason));
        ledger.fail(claim, reason);
    }

    @Override
    public void abandon() {
        Publisher current = publisher;
        if (current != null) {
            current.abandon();
        }
    }

    /** The container that its rejected rows go to as a blob; empty for none. */
    Optional<String> rejectTo() {
        return rejections.count() == 0 ? Optional.empty() : Optional.ofNullable(rejectTo);
    }

    Claim claim() {
        return claim;
    }
}
