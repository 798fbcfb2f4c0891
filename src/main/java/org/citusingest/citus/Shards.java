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
     * @param map where they are now
     */
    Shards(
            Table table,
            ColumnMapping mapping,
            Connector coordinator,
            NodeConnector nodes,
            ShardMap map) {
        this.table = table;
        this.mapping = mapping;
        this.coordinator = coordinator;
        this.nodes = nodes;
        this.map = map;
    }

    ShardMap map() {
        return map;
    }

    /** Reads again where the shards are: one was not where it had been. */
    ShardMap readAgain() throws SQLException {
        try (Connection connection = coordinator.connect()) {
            ShardAccess access = ShardAccess.read(connection, table, mapping, nodes);
            if (access instanceof ShardAccess.Open open) {
                map = open.shards();
                return map;
            }
            throw new SQLException(
                    "the shards of %s were changed while rows were on their way, and now %s; another attempt sees it as it is"
                            .formatted(table.name(), ((ShardAccess.Closed) access).reason()),
                    "55000");
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
