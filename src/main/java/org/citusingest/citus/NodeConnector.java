package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens connections to the nodes of a Citus cluster, as the role that loads. */
@FunctionalInterface
public interface NodeConnector {
    /** A connection to the database on the node with the address that {@code pg_dist_node} has. */
    Connection connect(String host, int port) throws SQLException;
}
