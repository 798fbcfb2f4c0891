package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.citusingest.ledger.Backends;
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
 * first lane, which publishes, comes last: where a crash comes in between, the next attempt brings
 * in the rest. Loads that were claimed together share the lanes.
 */
final class WholeLoad implements Publisher {
    private final List<Load> loads;
    private final Ledger ledger;
    private final RowsPool pool = new RowsPool();
    private final LoadLanes lanes;
    private final NodeLanes nodes;
    private volatile boolean citus;

    /**
     * @param name what messages call the loads
     * @param spare the connections that are left for further lanes than the first
     * @param most how many lanes there may be
     */
    WholeLoad(
            List<Load> loads,
            String name,
            Ledger ledger,
            Connector connector,
            SpareConnections spare,
            int most) {
        this.loads = loads;
        this.ledger = ledger;
        String session = Backends.name(loads.stream().map(Load::claim).toList());
        lanes =
                new LoadLanes(
                        name,
                        (further, to) ->
                                new LoadLane(
                                        connection(to == null ? connector : to, further),
                                        session,
                                        citus,
                                        ledger),
                        spare,
                        loads.stream().anyMatch(WholeLoad::replaces) ? 1 : most);
        nodes =
                new NodeLanes(
                        name,
                        (shards, node) -> new LoadLane(shards.connect(node), session, true, ledger),
                        lanes);
    }

    /** Of a further lane it is known that it can be used: the load goes on without it otherwise. */
    private Connection connection(Connector to, boolean further) throws SQLException {
        Connection connection = to.connect();
        if (further && citus) {
            try {
                SpareConnections.checkWorkers(connection);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        }
        return connection;
    }

    @Override
    public void copy(CopyTarget target, Load load, RowBatch batch, MaxRejects limit)
            throws Exception {
        citus = target.table().citus();
        List<EarlierRanges.Part> parts = load.earlier().missing(target.table().sql(), batch.span());
        AtomicInteger users = new AtomicInteger(1 + parts.size());
        Runnable done =
                () -> {
                    if (users.decrementAndGet() == 0) {
                        batch.release();
                    }
                };
        BatchEncoder encoder = new BatchEncoder(target, load, pool);
        try {
            for (EarlierRanges.Part part : parts) {
                if (target.shards() != null && !replaces(load)) {
                    ShardMap map = nodes.lock(target);
                    copy(ShardBatch.of(target, map, batch, part, encoder, pool, done), limit);
                } else if (part.shards().isEmpty()) {
                    // Lists may not know their place in the source before all of them have come.
                    boolean first = target.table().oneLane() || batch instanceof ListBatch;
                    copy(encoder.encode(batch, part.span(), done), first, limit);
                } else {
                    throw target.partlyIn(load.claim());
                }
            }
            done.run();
        } catch (Exception e) {
            batch.release();
            throw e;
        }
    }

    /** The rows of the version before go in the one transaction of all the new ones. */
    private static boolean replaces(Load load) {
        return load.claim().overwrite() == Overwrite.replace;
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
        LoadLane lane = lanes.take(first, encoded.bytes(), encoded.target().nodes());
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
    public Map<Claim, Publication> publish(Optional<String> onRemove) throws Exception {
        List<LoadLane> open = new ArrayList<>(lanes.all());
        open.addAll(nodes.all());
        for (LoadLane lane : open) {
            lane.settle();
        }
        Map<Claim, Publication> publications = new LinkedHashMap<>();
        for (Load load : loads) {
            publications.put(load.claim(), publication(load, open, onRemove));
        }
        Failpoint.BEFORE_LEDGER.reach();
        if (open.isEmpty()) {
            publications.replaceAll((claim, all) -> ledger.publishRanges(claim, onRemove));
            return publications;
        }
        for (LoadLane lane : open.subList(1, open.size())) {
            Map<Claim, List<CommittedRange>> ranges = new LinkedHashMap<>();
            loads.forEach(load -> ranges.put(load.claim(), lane.ranges(load)));
            ledger.commitRanges(lane.connection(), ranges);
            Failpoint.BEFORE_COMMIT.reach();
            commit(lane, false);
            Failpoint.AFTER_COMMIT.reach();
        }
        LoadLane first = open.get(0);
        ledger.publish(first.connection(), publications);
        Failpoint.BEFORE_COMMIT.reach();
        commit(first, true);
        Failpoint.AFTER_COMMIT.reach();
        close();
        return publications;
    }

    /** What the first lane says of a load, when all its rows are in the lanes. */
    private static Publication publication(
            Load load, List<LoadLane> open, Optional<String> onRemove) throws CopyException {
        List<CommittedRange> ranges = new ArrayList<>(load.earlier().ranges());
        open.forEach(lane -> ranges.addAll(lane.ranges(load)));
        long rows = ranges.stream().mapToLong(CommittedRange::rowsCopied).sum();
        long rejected = ranges.stream().mapToLong(CommittedRange::rowsRejected).sum();
        load.copied().check(load.claim(), rows + rejected);
        load.rejections().check(rows + rejected);
        boolean alone = open.size() == 1 && load.earlier().isEmpty();
        return new Publication(
                alone
                        ? load.copied().ranges(load.rejections().byTable())
                        : open.isEmpty() ? List.of() : open.get(0).ranges(load),
                rows,
                rejected,
                onRemove);
    }

    /**
     * Commits; when the answer is lost, the ledger says whether it took place.
     *
     * @param publishes whether the loads are then published; else their next attempt reads the
     *     ledger
     */
    private void commit(LoadLane lane, boolean publishes) throws CopyException {
        try {
            lane.commit(loads.stream().map(Load::claim).toList());
        } catch (SQLException e) {
            // Whatever the server still does with it, this connection hears nothing of it any more.
            lane.abort();
            Load load = loads.get(0);
            // All of them were published by this transaction, or none.
            if (!ledger.published(load.claim()) || !publishes) {
                boolean nothing =
                        publishes
                                && lanes.all().size() + nodes.all().size() == 1
                                && load.earlier().isEmpty();
                throw CopyException.atCommit(
                        load.source(),
                        e,
                        nothing
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
