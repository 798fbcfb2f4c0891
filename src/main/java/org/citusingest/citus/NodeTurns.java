package org.citusingest.citus;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.citusingest.ledger.Failure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Connections to the nodes of a cluster in turn, for rows that any of them takes. A node that
 * cannot be reached is left out for a while, and the others take its turns. Thread-safe.
 */
final class NodeTurns {
    private static final Logger LOG = LoggerFactory.getLogger(NodeTurns.class);

    private static final Duration LEFT_OUT = Duration.ofMinutes(1);

    private final Connector coordinator;
    private final NodeConnector nodes;
    private final AtomicInteger turn = new AtomicInteger();
    private final Map<ShardMap.Node, Long> leftOut = new ConcurrentHashMap<>();

    NodeTurns(Connector coordinator, NodeConnector nodes) {
        this.coordinator = coordinator;
        this.nodes = nodes;
    }

    /**
     * The next node that is reached; the coordinator where none is.
     *
     * @param others the nodes that take the rows of the table
     * @param andCoordinator whether the coordinator has a turn too
     */
    Connection connect(Table table, List<ShardMap.Node> others, boolean andCoordinator)
            throws SQLException {
        int count = others.size() + (andCoordinator ? 1 : 0);
        int first = Math.floorMod(turn.getAndIncrement(), count);
        for (int i = 0; i < count; i++) {
            int next = (first + i) % count;
            if (next == others.size()) {
                break;
            }
            Optional<Connection> reached = reach(others.get(next), table);
            if (reached.isPresent()) {
                return reached.get();
            }
        }
        return coordinator.connect();
    }

    private Optional<Connection> reach(ShardMap.Node node, Table table) {
        Long until = leftOut.get(node);
        if (until != null && System.nanoTime() - until < 0) {
            return Optional.empty();
        }
        try {
            Connection connection = connected(node, table);
            if (leftOut.remove(node) != null) {
                LOG.info("The node {} takes rows again", node);
            }
            return Optional.of(connection);
        } catch (SQLException e) {
            if (leftOut.put(node, System.nanoTime() + LEFT_OUT.toNanos()) == null) {
                LOG.atLevel(Failure.isFull(e) ? Level.DEBUG : Level.WARN)
                        .log(
                                "The node {} takes no rows, which go by the others until it does: {}",
                                node,
                                Failure.oneLine(e));
            }
            return Optional.empty();
        }
    }

    /** An address such as localhost may lead to another server than the one it is meant for. */
    private Connection connected(ShardMap.Node node, Table table) throws SQLException {
        Connection connection = nodes.connect(node.host(), node.port());
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT groupid FROM pg_dist_local_group, pg_dist_partition"
                                + " WHERE groupid = ? AND logicalrelid = to_regclass(?)")) {
            query.setInt(1, node.group());
            query.setString(2, table.sql());
            try (ResultSet row = query.executeQuery()) {
                if (row.next()) {
                    return connection;
                }
            }
            throw new SQLException(
                    "the server that answers there is not this node, or does not know %s"
                            .formatted(table.name()),
                    "55000");
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
