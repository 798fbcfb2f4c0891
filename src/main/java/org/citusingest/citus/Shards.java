package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * The way into the shards of a table: where they are, as far as that is known, and connections to
 * their nodes. Thread-safe.
 */
final class Shards {
    /** Shards that are moved again and again are not followed without end. */
    static final int MOST_MOVES = 10;

    private final Table table;
    private final ColumnMapping mapping;
    private final Connector coordinator;
    private final NodeConnector nodes;
    private volatile ShardMap map;

    /**
     * Reads where the shards are, and tries whether their nodes can be reached.
     *
     * @throws ShardMap.Refusal when rows must not, or cannot, be sent to them
     */
    Shards(Table table, ColumnMapping mapping, Connector coordinator, NodeConnector nodes)
            throws SQLException, ShardMap.Refusal {
        this.table = table;
        this.mapping = mapping;
        this.coordinator = coordinator;
        this.nodes = nodes;
        map = read();
        for (ShardMap.Node node : map.nodes()) {
            try {
                connect(node).close();
            } catch (SQLException e) {
                throw new ShardMap.Refusal(
                        "its node %s cannot be reached: %s"
                                .formatted(node, ServerRefusal.reason(e, false)));
            }
        }
    }

    private ShardMap read() throws SQLException, ShardMap.Refusal {
        try (Connection connection = coordinator.connect()) {
            return ShardMap.read(connection, table, mapping);
        }
    }

    ShardMap map() {
        return map;
    }

    /** Reads again where the shards are: one was not where it had been. */
    ShardMap readAgain() throws SQLException {
        try {
            map = read();
            return map;
        } catch (ShardMap.Refusal e) {
            throw new SQLException(
                    "the shards of %s were changed while rows were on their way, and now %s; another attempt sees it as it is"
                            .formatted(table.name(), e.getMessage()),
                    "55000",
                    e);
        }
    }

    SQLException movedAllTheTime() {
        return new SQLException(
                "the shards of %s are moved all the time; another attempt follows"
                        .formatted(table.name()),
                "55000");
    }

    Connection connect(ShardMap.Node node) throws SQLException {
        return nodes.connect(node.host(), node.port());
    }
}
