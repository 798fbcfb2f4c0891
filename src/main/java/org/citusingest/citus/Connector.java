package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;

/** Opens a connection to the database. */
interface Connector {
    Connection connect() throws SQLException;
}
