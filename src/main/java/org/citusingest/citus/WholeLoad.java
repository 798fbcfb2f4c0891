package org.citusingest.citus;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.ledger.Failpoint;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.Overwrite;
import org.citusingest.ledger.Publication;
import org.citusingest.rows.ListBatch;
import org.citusingest.rows.RowBatch;

/**
 * {@code publish=load}: nothing is committed before all rows have been taken. With one lane the
 * rows, the rejected rows and the ledger's rows become visible together, or never. With several
 * they are committed one after the other in the end, each with the ranges that it has, and the
 * first lane, which publishes the load, comes last: where a crash comes in between, the next
 * attempt brings in the rest.
 */
final class WholeLoad implements Publisher {
    private final Claim claim;
    private final Ledger ledger;
    private final Rejections rejections;
    private final EarlierRanges earlier;
    private final RowsPool pool = new RowsPool();
    private final LoadLanes lanes;
    private final NodeLanes nodes;
    private volatile boolean citus;

    /**
     * @param spare the connections that are left for further lanes than the first
     * @param most how many lanes there may be
     */
    WholeLoad(
            Claim claim,
            Ledger ledger,
            Connector connector,
            Rejections rejections,
            Semaphore spare,
            int most) {
        this.claim = claim;
        this.ledger = ledger;
        this.rejections = rejections;
        this.earlier = new EarlierRanges(ledger.committed(claim));
        rejections.countEarlier(earlier.rowsRejected());
        String remains =
                earlier.isEmpty()
                        ? "Nothing of this load is in %s; correct the row and upload the file again"
                        : "What an earlier attempt has committed stays in %%s: citus-ingest unload --load %d removes it"
                                .formatted(claim.id());
        lanes =
                new LoadLanes(
                        claim,
                        () ->
                                new LoadLane(
                                        connector.connect(),
                                        claim,
                                        citus,
                                        ledger,
                                        rejections,
                                        remains),
                        spare,
                        replaces() ? 1 : most);
        nodes =
                new NodeLanes(
                        claim,
                        (shards, node) ->
                                new LoadLane(
                                        shards.connect(node),
                                        claim,
                                        true,
                                        ledger,
                                        rejections,
                                        remains),
                        lanes);
    }

    @Override
    public CitusEndpoint.Publish mode() {
        return CitusEndpoint.Publish.load;
    }

    @Override
    public void copy(CopyTarget target, RowBatch batch, MaxRejects limit) throws Exception {
        citus = target.table().citus();
        List<EarlierRanges.Part> parts = earlier.missing(target.table().sql(), batch.span());
        AtomicInteger users = new AtomicInteger(1 + parts.size());
        Runnable done =
                () -> {
                    if (users.decrementAndGet() == 0) {
                        batch.release();
                    }
                };
        BatchEncoder encoder = new BatchEncoder(target, claim.id(), pool);
        try {
            for (EarlierRanges.Part part : parts) {
                if (target.shards() != null && !replaces()) {
                    ShardMap map = nodes.lock(target);
                    copy(ShardBatch.of(target, map, batch, part, encoder, pool, done), limit);
                } else if (part.shards().isEmpty()) {
                    // Lists may not know their place in the source before all of them have come.
                    boolean first = target.table().oneLane() || batch instanceof ListBatch;
                    copy(encoder.encode(batch, part.span(), done), first, limit);
                } else {
                    throw target.partlyIn(claim);
                }
            }
            done.run();
        } catch (Exception e) {
            batch.release();
            throw e;
        }
    }

    /** The rows of the version before go in the one transaction of all the new ones. */
    private boolean replaces() {
        return claim.overwrite() == Overwrite.replace;
    }

    private void copy(ShardBatch batch, MaxRejects limit) throws Exception {
        if (batch.rest() != null) {
            copy(batch.rest(), true, limit);
        }
        try {
            nodes.copy(batch.nodes(), limit);
        } catch (Exception e) {
            lanes.fail(e);
            throw e;
        }
    }

    private void copy(EncodedBatch encoded, boolean first, MaxRejects limit) throws Exception {
        LoadLane lane = lanes.take(first, encoded.bytes());
        try {
            lane.copy(encoded, limit);
        } catch (Exception e) {
            // Before the lane is given back: whoever has it next would only see the consequences.
            lanes.fail(e);
            throw e;
        } finally {
            lanes.give(lane);
        }
    }

    @Override
    public Publication publish(CopiedBatches copied, Optional<String> onRemove) throws Exception {
        List<LoadLane> open = new ArrayList<>(lanes.all());
        open.addAll(nodes.all());
        for (LoadLane lane : open) {
            lane.settle();
        }
        List<CommittedRange> ranges = new ArrayList<>(earlier.ranges());
        open.forEach(lane -> ranges.addAll(lane.ranges()));
        long rows = ranges.stream().mapToLong(CommittedRange::rowsCopied).sum();
        long rejected = ranges.stream().mapToLong(CommittedRange::rowsRejected).sum();
        copied.check(claim, rows + rejected);
        rejections.check(rows + rejected);
        Failpoint.BEFORE_LEDGER.reach();
        if (open.isEmpty()) {
            return ledger.publishRanges(claim, onRemove);
        }
        for (LoadLane lane : open.subList(1, open.size())) {
            ledger.commitRanges(
                    lane.connection(), claim, lane.ranges(), rejections.header(), List.of());
            Failpoint.BEFORE_COMMIT.reach();
            commit(lane, false);
            Failpoint.AFTER_COMMIT.reach();
        }
        LoadLane first = open.get(0);
        boolean alone = open.size() == 1 && earlier.isEmpty();
        Publication publication =
                new Publication(
                        alone ? copied.ranges(rejections.byTable()) : first.ranges(),
                        rows,
                        rejected,
                        onRemove);
        ledger.publish(first.connection(), claim, publication);
        Failpoint.BEFORE_COMMIT.reach();
        commit(first, true);
        Failpoint.AFTER_COMMIT.reach();
        close();
        return publication;
    }

    /**
     * Commits; when the answer is lost, the ledger says whether it took place.
     *
     * @param publishes whether the load is then published; else its next attempt reads the ledger
     */
    private void commit(LoadLane lane, boolean publishes) throws CopyException {
        try {
            lane.commit();
        } catch (SQLException e) {
            // Whatever the server still does with it, this connection hears nothing of it any more.
            lane.abort();
            boolean published = ledger.published(claim);
            if (!publishes) {
                throw CopyException.atCommit(
                        claim.source(), e, "The ledger knows which of its rows are in its tables");
            }
            if (!published) {
                throw CopyException.atCommit(
                        claim.source(),
                        e,
                        lanes.all().size() + nodes.all().size() == 1 && earlier.isEmpty()
                                ? "Nothing of this load is in its tables"
                                : "The ledger knows which of its rows are in its tables");
            }
        }
    }

    @Override
    public void close() {
        nodes.close();
        lanes.close();
    }

    @Override
    public void abandon() {
        lanes.abandon();
        nodes.abandon();
    }
}
