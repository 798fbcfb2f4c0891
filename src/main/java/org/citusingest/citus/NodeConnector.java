package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens connections to the nodes of a Citus by the addresses that it has for them. */
public interface NodeConnector {
    /**
     * A connection to the same database as the same role as on the coordinator.
     *
     * @param host the node as {@code pg_dist_node} has it
     */
    Connection connect(String host, int port) throws SQLException;
}
