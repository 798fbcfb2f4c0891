package org.citusingest.citus;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * How many connections a server takes from the role that loads, with all that it has already.
 *
 * @param worker the address of a worker of Citus; null for the server that was asked
 */
public record ServerRoom(String worker, int connections) {
    private static final String ROOM =
            """
            SELECT least(
                current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
                    - coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0),
                nullif(nullif(current_setting('citus.max_client_connections', true), '')::int, -1),
                (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
                (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database()))
            """;

    /** That of the server, and on Citus of all workers that answer it. */
    public static List<ServerRoom> read(Connection connection) throws SQLException {
        List<ServerRoom> rooms = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery(ROOM)) {
                row.next();
                rooms.add(new ServerRoom(null, row.getInt(1)));
            }
            boolean citus;
            try (ResultSet row =
                    statement.executeQuery("SELECT FROM pg_extension WHERE extname = 'citus'")) {
                citus = row.next();
            }
            if (citus) {
                try (ResultSet row =
                        statement.executeQuery(
                                "SELECT nodename || ':' || nodeport, result::int FROM run_command_on_workers($room$"
                                        + ROOM
                                        + "$room$) WHERE success")) {
                    while (row.next()) {
                        rooms.add(new ServerRoom(row.getString(1), row.getInt(2)));
                    }
                }
            }
        }
        return rooms;
    }
}
