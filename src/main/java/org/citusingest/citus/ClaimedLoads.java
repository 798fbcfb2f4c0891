package org.citusingest.citus;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.Failpoint;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LoadObserver.Kind;
import org.citusingest.ledger.LoadObserver.Work;
import org.citusingest.ledger.OverwriteException;
import org.citusingest.ledger.Publication;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowFormatException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loads of an exchange, from their first batch to their publication or their end: one, or those
 * of small blobs that were claimed together. How their rows become visible is left to a {@link
 * Publisher}, which the first batch decides on by the endpoint that it came to.
 *
 * <p>Batches are encoded by the threads that bring them, side by side.
 */
final class ClaimedLoads implements OpenLoad {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimedLoads.class);

    private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(10);
    private static final long LIST_SIZE_MILLIS = 10_000;

    private final List<Load> loads;
    private final Ledger ledger;
    private final Connector connector;
    private final boolean ownsClaim;
    private final long started = System.nanoTime();

    private final Map<List<Object>, CopyTarget> targets = new HashMap<>();
    private final GivenCheck givenCheck;
    // Of a collating split; guards itself.
    private final AtomicLong listSize = new AtomicLong();
    private volatile Publisher publisher;
    private CitusEndpoint.Publish mode;
    private String rejectTo;
    private volatile String onRemove;
    private boolean closed;
    private volatile Throwable failure;

    /**
     * Prepares the loads; no connection is kept before the first batch.
     *
     * @param claims in the order of their sources
     * @param ownsClaim whether a failure is to be written to the ledger here; otherwise whoever
     *     claimed does that
     */
    ClaimedLoads(List<Claim> claims, Ledger ledger, Connector connector, boolean ownsClaim) {
        this.ledger = ledger;
        givenCheck = new GivenCheck(ledger);
        this.connector = connector;
        this.ownsClaim = ownsClaim;
        loads = new ArrayList<>();
        ledger.committed(claims)
                .forEach((claim, ranges) -> loads.add(new Load(claim, new EarlierRanges(ranges))));
    }

    /** What a person calls them. */
    private String name() {
        String first = loads.get(0).source();
        return loads.size() == 1
                ? first
                : "%s and %d more that were claimed with it".formatted(first, loads.size() - 1);
    }

    @Override
    public void copy(CitusEndpoint endpoint, RowBatch batch) throws Exception {
        boolean given = false;
        try {
            Load load = load(batch);
            checkOpen();
            if (batch.size() == 0 && batch.columns().isEmpty()) {
                load.markEmpty();
                onRemove = endpoint.getOnRemove();
                return;
            }
            CopyTarget target = target(endpoint, batch.columns());
            givenCheck.check(target, load.claim());
            Publisher to = publisher(endpoint);
            given = true;
            to.copy(target, load, batch, endpoint.maxRejects());
            load.copied().add(target.table().sql(), batch.span(), batch.size());
            endpoint.statistics().copied(batch.size(), batch.span().to() - batch.span().from());
            tell(load, batch);
        } catch (Exception e) {
            Exception placed =
                    e instanceof RowFormatException row ? row.in(load(batch).source()) : e;
            fail(placed);
            batch.stop();
            throw placed;
        } finally {
            if (!given) {
                batch.release();
            }
        }
    }

    /** Tells that a batch has been read and parsed, and is on its way. */
    private void tell(Load load, RowBatch batch) {
        List<Claim> claims = List.of(load.claim());
        long bytes = batch.span().to() - batch.span().from();
        RowBatch.Timing timing = batch.timing();
        long now = System.nanoTime();
        long parsedFrom = timing == null ? now : timing.from() + timing.readNanos();
        if (timing != null) {
            ledger.observers()
                    .worked(claims, new Work(Kind.READ, 0, bytes, timing.from(), parsedFrom));
        }
        long parsedTo = timing == null ? now : timing.to();
        ledger.observers()
                .worked(claims, new Work(Kind.PARSE, batch.size(), bytes, parsedFrom, parsedTo));
    }

    /** Whose rows they are. */
    private Load load(RowBatch batch) {
        if (batch.source() >= loads.size()) {
            throw new RouteException(
                    "The exchange brings rows of several files, but only one load is known of it, %s: send each file in an exchange of its own"
                            .formatted(name()));
        }
        return loads.get(batch.source());
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

    private synchronized Publisher publisher(CitusEndpoint endpoint)
            throws SQLException, LoadAbortedException {
        if (closed) {
            throw new LoadAbortedException(name(), failure);
        }
        if (publisher == null) {
            mode = endpoint.getPublish();
            rejectTo = endpoint.getRejectTo();
            onRemove = endpoint.getOnRemove();
            // Small blobs that share a transaction are no more than a batch.
            publisher =
                    mode == CitusEndpoint.Publish.batch && loads.size() == 1
                            ? new BatchByBatch(loads.get(0), ledger, connector)
                            : new WholeLoad(
                                    loads,
                                    name(),
                                    ledger,
                                    connector,
                                    endpoint.getComponent().spareConnections(),
                                    endpoint.mostLanes());
            loads.forEach(load -> ledger.onLost(load.claim(), this::abandon));
        } else if (mode != endpoint.getPublish()) {
            throw new RouteException(
                    "The load of %s goes to tables by publish=%s and by publish=%s: give all citus: of the route %s the same"
                            .formatted(name(), mode, endpoint.getPublish(), pipeline()));
        }
        return publisher;
    }

    private String pipeline() {
        return loads.get(0).claim().pipeline();
    }

    private void checkOpen() throws LoadAbortedException {
        if (failure != null) {
            throw new LoadAbortedException(name(), failure);
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
                throw new LoadAbortedException(name(), failure);
            }
            checkNoBatchIsMissing(batches);
            Map<Claim, Publication> published =
                    publisher == null
                            ? publishEmpty()
                            : publisher.publish(Optional.ofNullable(onRemove));
            closed = true;
            published.keySet().forEach(ledger::release);
            return done(published);
        } catch (OverwriteException e) {
            fail(e);
            closed = true;
            if (publisher != null) {
                publisher.close();
            }
            if (e.skipped() && loads.size() == 1) {
                Claim claim = loads.get(0).claim();
                ledger.discard(claim, e.getMessage());
                ledger.observers().skipped(claim, e.getMessage());
                return new LoadTotals(claim.id(), 0, 0, true);
            }
            throw e;
        } catch (Exception e) {
            fail(e);
            throw e;
        }
    }

    /** An empty version replaces the one before it too. */
    private Map<Claim, Publication> publishEmpty() {
        Map<Claim, Publication> published = new LinkedHashMap<>();
        for (Load load : loads) {
            published.put(
                    load.claim(),
                    ledger.publishRanges(load.claim(), Optional.ofNullable(onRemove)));
        }
        return published;
    }

    private LoadTotals done(Map<Claim, Publication> published) {
        double seconds = (System.nanoTime() - started) / (double) TimeUnit.SECONDS.toNanos(1);
        published.forEach(
                (claim, one) ->
                        ledger.observers()
                                .loaded(claim, one.rowsCopied(), one.rowsRejected(), seconds));
        List<Claim> claims = List.copyOf(published.keySet());
        if (!ledger.awaitVisible(claims, VISIBLE_WITHIN)) {
            LOG.warn(
                    "load={} is committed, but not yet visible on all nodes; its summary waits for Citus to recover the commit",
                    claims.get(0).id());
        }
        Failpoint.AFTER_PUBLISH.reach();
        return new LoadTotals(
                claims.get(0).id(),
                published.values().stream().mapToLong(Publication::rowsCopied).sum(),
                published.values().stream().mapToLong(Publication::rowsRejected).sum(),
                false);
    }

    // A batch that a step before citus: has swallowed would otherwise be lost without a word.
    private void checkNoBatchIsMissing(long batches) {
        if (loads.size() == 1) {
            CopiedBatches copied = loads.get(0).copied();
            if (copied.isEmpty() && batches > 0 && !loads.get(0).isEmpty()) {
                throw missing(0, "citus:");
            }
            for (CopiedBatches.Missing missing : copied.missing(batches)) {
                throw missing(missing.number(), "citus:" + missing.table());
            }
        } else {
            checkEachHas(batches);
        }
    }

    /** Each of several sources has its own batches, and at least one. */
    private void checkEachHas(long batches) {
        long found = 0;
        for (Load load : loads) {
            long of = load.isEmpty() ? 1 : load.copied().batches();
            if (of == 0 || !load.copied().missing(of).isEmpty()) {
                throw new RouteException(
                        "%s: a batch of it never reached citus:, so nothing of it is kept; does a step of the route %s filter batches or hide an error?"
                                .formatted(load.source(), pipeline()));
            }
            found += of;
        }
        if (found != batches) {
            throw new RouteException(
                    "%s: they have %d batches, of which %d reached citus:, so nothing of them is kept; does a step of the route %s filter batches or hide an error?"
                            .formatted(name(), batches, found, pipeline()));
        }
    }

    private RouteException missing(long batch, String endpoint) {
        return new RouteException(
                "%s: batch %d never reached %s, so nothing of it is kept; does a step of the route %s filter batches or hide an error?"
                        .formatted(name(), batch, endpoint, pipeline()));
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
            // Of several, each that fails is loaded again by itself.
            if (loads.size() == 1) {
                keepRejects(loads.get(0));
            }
        }
        if (ownsClaim) {
            String error = Failure.oneLine(failure);
            for (Load load : loads) {
                ledger.observers().failed(load.claim(), error);
                Failpoint.BEFORE_OUTCOME.reach();
                ledger.fail(load.claim(), error);
            }
        }
    }

    /** What a load rejected before it failed is for a person to read. */
    private void keepRejects(Load load) {
        if (!load.rejections().kept().isEmpty()) {
            try {
                Failpoint.BEFORE_REJECTS.reach();
                ledger.keepRejects(
                        load.claim(), load.rejections().header(), load.rejections().kept());
            } catch (RuntimeException e) {
                LOG.warn(
                        "load={} its rejected rows could not be kept: {}",
                        load.claim().id(),
                        Failure.oneLine(e));
            }
        }
    }

    /** Fails the loads for good, whoever claimed them: the route is at fault. */
    void reject(String reason) {
        abort(new RouteException(reason));
        loads.forEach(load -> ledger.fail(load.claim(), reason));
    }

    @Override
    public void abandon() {
        Publisher current = publisher;
        if (current != null) {
            current.abandon();
        }
    }

    /** The container to which the rejected rows of a load go as a blob, where it has some. */
    Optional<String> rejectTo() {
        return Optional.ofNullable(rejectTo);
    }

    /** Those of the loads that have rejected rows. */
    List<Claim> withRejects() {
        return loads.stream()
                .filter(load -> load.rejections().count() > 0)
                .map(Load::claim)
                .toList();
    }
}
