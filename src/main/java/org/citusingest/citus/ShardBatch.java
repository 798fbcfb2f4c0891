package org.citusingest.citus;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.citusingest.ledger.LedgerException;
import org.citusingest.rows.RowBatch;

/**
 * A part of a batch, encoded and divided by the nodes that its rows go to.
 *
 * @param rest the rows that go by the coordinator: those whose distribution value is not certain,
 *     or whose other values are the server's to judge; and those that are no rows of the table.
 *     Null when it is in already
 * @param nodes the rows for the shards of each node, as far as they are not in already
 */
record ShardBatch(EncodedBatch rest, Map<ShardMap.Node, EncodedBatch> nodes) {
    /** Stands in place of a shard for the rows that go by none. */
    private static final long NO_SHARD = 0;

    /**
     * Encodes and divides.
     *
     * @param done called when the last of its parts is done with
     */
    static ShardBatch of(
            CopyTarget target,
            ShardMap map,
            RowBatch batch,
            EarlierRanges.Part part,
            BatchEncoder encoder,
            RowsPool pool,
            Runnable done) {
        checkKnown(target, map, part.shards());
        int bytes = (int) Math.min(part.span().to() - part.span().from(), Integer.MAX_VALUE / 2);
        ShardRows rows =
                new ShardRows(
                        target, encoder.fields(), map, part.shards(), bytes + (bytes >> 2), pool);
        EncodedBatch all = encoder.encode(batch, part.span(), rows, done);
        Map<ShardMap.Node, List<Long>> missing = new LinkedHashMap<>();
        for (ShardMap.Node node : map.nodes()) {
            List<Long> shards = new ArrayList<>(map.ids(node));
            shards.removeAll(part.shards());
            if (!shards.isEmpty()) {
                missing.put(node, shards);
            }
        }
        boolean restIsIn = part.shards().contains(NO_SHARD);
        AtomicInteger parts = new AtomicInteger(missing.size() + (restIsIn ? 0 : 1));
        Runnable one =
                () -> {
                    if (parts.decrementAndGet() == 0) {
                        all.done().run();
                    }
                };
        Map<ShardMap.Node, EncodedBatch> nodes = new LinkedHashMap<>();
        missing.forEach(
                (node, shards) ->
                        nodes.put(
                                node,
                                new EncodedBatch(
                                        target,
                                        all.load(),
                                        batch,
                                        part.span(),
                                        rows.of(node),
                                        all.uncertain().none(),
                                        List.of(),
                                        shards,
                                        one)));
        EncodedBatch rest =
                restIsIn
                        ? null
                        : new EncodedBatch(
                                target,
                                all.load(),
                                batch,
                                part.span(),
                                List.of(),
                                all.uncertain(),
                                all.refused(),
                                List.of(NO_SHARD),
                                one);
        return new ShardBatch(rest, nodes);
    }

    /** Shards that were split since an earlier attempt would get their rows twice. */
    private static void checkKnown(CopyTarget target, ShardMap map, Set<Long> in) {
        for (long shard : in) {
            if (shard != NO_SHARD
                    && map.shards().stream().noneMatch(known -> known.id() == shard)) {
                throw new LedgerException(
                        "An earlier attempt has filled the shard %d of %s, which is no more: the shards were split since; unload the load and reload it"
                                .formatted(shard, target.table().name()));
            }
        }
    }
}
