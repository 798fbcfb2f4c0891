package org.citusingest.citus;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.citusingest.ledger.Failure;

/**
 * The lanes of loads that are published as a whole. Whoever brings a batch takes one that is free
 * and gives it back; a load that goes on gets further ones, as far as there are connections to
 * spare. The first lane is the one that publishes.
 */
final class LoadLanes {
    /** Less than this has one lane, so that it becomes visible in one moment. */
    private static final long BYTES_OF_ONE_LANE = 8L << 20;

    private final String name;
    private final Opener opener;
    private final SpareConnections spare;
    private final int most;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<LoadLane> lanes = new ArrayList<>();
    private final Deque<LoadLane> free = new ArrayDeque<>();
    private final Set<LoadLane> atNodes = new HashSet<>();
    private int opening;
    private long brought;
    private Throwable broken;
    private boolean closed;

    /** Opens a lane. */
    interface Opener {
        /**
         * A new lane.
         *
         * @param further whether it is not the first one
         * @param nodes connects to the node that it is to go by; null for the coordinator
         */
        LoadLane open(boolean further, Connector nodes) throws SQLException;
    }

    /**
     * @param name what messages call the loads
     * @param spare the connections that are left for further lanes
     * @param most how many lanes there may be
     */
    LoadLanes(String name, Opener opener, SpareConnections spare, int most) {
        this.name = name;
        this.opener = opener;
        this.spare = spare;
        this.most = most;
    }

    /**
     * A lane for a batch, which is to be given back; waits until there is one.
     *
     * @param first whether it must be the first one, which goes by the coordinator
     * @param bytes how large the batch is
     * @param nodes connects to any node that takes its rows; null when only the coordinator does
     * @throws LoadAbortedException when the load has failed or was closed meanwhile
     */
    LoadLane take(boolean first, int bytes, Connector nodes)
            throws SQLException, LoadAbortedException {
        lock.lock();
        try {
            brought += bytes;
        } finally {
            lock.unlock();
        }
        LoadLane lane = null;
        while (lane == null) {
            lane = await(first, nodes);
        }
        return lane;
    }

    /** One that is free or new; null when a new one was refused. */
    private LoadLane await(boolean first, Connector nodes)
            throws SQLException, LoadAbortedException {
        boolean further;
        lock.lock();
        try {
            while (true) {
                if (closed || broken != null) {
                    throw new LoadAbortedException(name, broken);
                }
                LoadLane lane = takeFree(first, nodes == null);
                if (lane != null) {
                    return lane;
                }
                if (mayOpen(first)) {
                    break;
                }
                changed.awaitUninterruptibly();
            }
            further = !lanes.isEmpty();
            opening++;
        } finally {
            lock.unlock();
        }
        return open(further, further ? nodes : null);
    }

    private LoadLane takeFree(boolean first, boolean byCoordinator) {
        for (LoadLane lane : free) {
            if (first ? lane == lanes.get(0) : !byCoordinator || !atNodes.contains(lane)) {
                free.remove(lane);
                return lane;
            }
        }
        return null;
    }

    /** The first one is opened in any case, by whoever comes first. */
    private boolean mayOpen(boolean first) {
        int open = lanes.size() + opening;
        return open == 0
                || (!first
                        && !lanes.isEmpty()
                        && open < most
                        && brought > BYTES_OF_ONE_LANE
                        && spare.take());
    }

    private LoadLane open(boolean further, Connector nodes) throws SQLException {
        LoadLane lane = null;
        try {
            lane = opener.open(further, nodes);
            return lane;
        } catch (SQLException e) {
            if (!further || !Failure.isPassing(e)) {
                throw e;
            }
            spare.refused(e);
            return null;
        } finally {
            lock.lock();
            try {
                opening--;
                if (lane != null) {
                    lanes.add(lane);
                    if (nodes != null) {
                        atNodes.add(lane);
                    }
                } else if (further) {
                    spare.give(1);
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    void give(LoadLane lane) {
        lock.lock();
        try {
            // The first one as soon as it may be: the others may not be needed any more.
            if (lane == lanes.get(0)) {
                free.addFirst(lane);
            } else {
                free.addLast(lane);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whoever waits for a lane would only see the consequences. */
    void fail(Throwable cause) {
        if (Failure.isFull(cause)) {
            spare.refused(cause);
        }
        lock.lock();
        try {
            broken = broken == null ? cause : broken;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** All lanes, the first one first. Nobody takes one any more. */
    List<LoadLane> all() {
        lock.lock();
        try {
            return List.copyOf(lanes);
        } finally {
            lock.unlock();
        }
    }

    /** Rolls back what is not committed, once nobody uses a lane any more. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            while (free.size() < lanes.size() || opening > 0) {
                changed.awaitUninterruptibly();
            }
            lanes.forEach(LoadLane::close);
            spare.give(Math.max(0, lanes.size() - 1));
            lanes.clear();
            free.clear();
            atNodes.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Closes the connections under whatever is going on with them, from any thread. */
    void abandon() {
        all().forEach(LoadLane::abort);
    }
}
