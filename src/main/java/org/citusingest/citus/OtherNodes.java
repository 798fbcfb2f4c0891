package org.citusingest.citus;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The nodes of a cluster that take the rows of a table as the coordinator does.
 *
 * @param nodes those other than the one that was asked; empty where only that one takes them
 * @param reason why there are none, the end of a sentence for a person; null where there are some
 */
record OtherNodes(List<ShardMap.Node> nodes, String reason) {
    private static final String NODES =
            """
            SELECT nodename, nodeport, groupid FROM pg_dist_node
            WHERE isactive AND noderole = 'primary' AND hasmetadata AND metadatasynced
              AND nodecluster = current_setting('citus.cluster_name')
              AND groupid <> (SELECT groupid FROM pg_dist_local_group)
            ORDER BY groupid
            """;

    /** Asks the catalog of the coordinator. Whether the nodes answer is not known yet. */
    static OtherNodes read(Connection coordinator, Table table, ColumnMapping mapping)
            throws SQLException {
        if (!table.citus()) {
            return none("the server has no Citus");
        }
        if (ShardAccess.Distribution.read(coordinator, table).isLocal()) {
            return none("the table is a local one");
        }
        Optional<String> numbered = ShardAccess.numbered(coordinator, table, mapping);
        if (numbered.isPresent()) {
            return none(numbered.get());
        }
        List<ShardMap.Node> nodes = new ArrayList<>();
        try (PreparedStatement query = coordinator.prepareStatement(NODES);
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                nodes.add(new ShardMap.Node(row.getString(1), row.getInt(2), row.getInt(3)));
            }
        }
        return nodes.isEmpty()
                ? none("the cluster has no other node that knows the table")
                : new OtherNodes(List.copyOf(nodes), null);
    }

    private static OtherNodes none(String reason) {
        return new OtherNodes(List.of(), reason);
    }
}
