package org.citusingest.citus;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The lanes of loads into the shards of its tables, one for each node. All of them hold the locks
 * of Citus on a table's shards before its first row is sent: a shard that is to be moved waits for
 * the loads, and no lane of them waits for the move.
 */
final class NodeLanes {
    private final String name;
    private final Opener opener;
    private final LoadLanes coordinator;
    private final Map<ShardMap.Node, Slot> slots = new ConcurrentHashMap<>();
    private final Map<CopyTarget, ShardMap> locked = new HashMap<>();
    private volatile Throwable broken;
    private volatile boolean closed;

    /** Opens a lane to a node. */
    interface Opener {
        LoadLane open(Shards shards, ShardMap.Node node) throws SQLException;
    }

    /** A lane, and the turn to use it. */
    private record Slot(LoadLane lane, ReentrantLock turn) {}

    /**
     * @param name what messages call the loads
     * @param coordinator the other lanes of the same loads
     */
    NodeLanes(String name, Opener opener, LoadLanes coordinator) {
        this.name = name;
        this.opener = opener;
        this.coordinator = coordinator;
    }

    /**
     * Locks the shards of a table, unless they are.
     *
     * @return where they are until the end of the load
     */
    synchronized ShardMap lock(CopyTarget target) throws SQLException, LoadAbortedException {
        check();
        ShardMap known = locked.get(target);
        if (known != null) {
            return known;
        }
        LoadLane first = coordinator.take(true, 0, null);
        try {
            first.lockShards(target, List.of());
        } finally {
            coordinator.give(first);
        }
        ShardMap map = target.shards().map();
        for (int i = 0; !lock(target, map); i++) {
            if (i == Shards.MOST_MOVES) {
                throw target.shards().movedAllTheTime();
            }
            map = target.shards().readAgain();
        }
        locked.put(target, map);
        return map;
    }

    private boolean lock(CopyTarget target, ShardMap map)
            throws SQLException, LoadAbortedException {
        boolean there = true;
        for (ShardMap.Node node : map.nodes()) {
            Slot slot = slots.get(node);
            if (slot == null) {
                slot = new Slot(opener.open(target.shards(), node), new ReentrantLock());
                slots.put(node, slot);
            }
            slot.turn().lock();
            try {
                check();
                there &= slot.lane().lockShards(target, map.ids(node));
            } finally {
                slot.turn().unlock();
            }
        }
        return there;
    }

    /** Copies the rows of a batch for each node, first where no other thread copies. */
    void copy(Map<ShardMap.Node, EncodedBatch> batches, MaxRejects limit) throws Exception {
        Map<ShardMap.Node, EncodedBatch> left = new LinkedHashMap<>(batches);
        while (!left.isEmpty()) {
            boolean waits = true;
            for (Iterator<Map.Entry<ShardMap.Node, EncodedBatch>> next = left.entrySet().iterator();
                    next.hasNext(); ) {
                Map.Entry<ShardMap.Node, EncodedBatch> one = next.next();
                Slot slot = slots.get(one.getKey());
                if (slot.turn().tryLock()) {
                    waits = false;
                    next.remove();
                    copy(slot, one.getValue(), limit);
                }
            }
            if (waits) {
                Map.Entry<ShardMap.Node, EncodedBatch> one = left.entrySet().iterator().next();
                Slot slot = slots.get(one.getKey());
                left.remove(one.getKey());
                slot.turn().lock();
                copy(slot, one.getValue(), limit);
            }
        }
    }

    /** With the turn, which it gives up. */
    private void copy(Slot slot, EncodedBatch batch, MaxRejects limit) throws Exception {
        try {
            check();
            slot.lane().copy(batch, limit);
        } catch (Exception e) {
            broken = e;
            throw e;
        } finally {
            slot.turn().unlock();
        }
    }

    private void check() throws LoadAbortedException {
        if (closed || broken != null) {
            throw new LoadAbortedException(name, broken);
        }
    }

    List<LoadLane> all() {
        return slots.values().stream().map(Slot::lane).toList();
    }

    /** Rolls back what is not committed, once nobody uses a lane any more. */
    synchronized void close() {
        closed = true;
        for (Slot slot : slots.values()) {
            slot.turn().lock();
            try {
                slot.lane().close();
            } finally {
                slot.turn().unlock();
            }
        }
        slots.clear();
    }

    /** Closes the connections under whatever is going on with them, from any thread. */
    void abandon() {
        all().forEach(LoadLane::abort);
    }
}
