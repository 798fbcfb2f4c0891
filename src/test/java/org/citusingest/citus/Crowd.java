package org.citusingest.citus;

import java.io.Serial;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.citusingest.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/** A role that may have few connections, and sessions of it that hold some of them. */
final class Crowd implements AutoCloseable {
    static final String NO_ROOM = "53300";

    private final TestDatabase database;
    private final String role;
    private final Source source;
    private final List<Connection> held = new ArrayList<>();

    /** Connects as the role, and counts how often that was refused. */
    private static final class Source extends PGSimpleDataSource {
        @Serial private static final long serialVersionUID = 1L;
        private final AtomicInteger refusals = new AtomicInteger();

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            try {
                return super.getConnection(user, password);
            } catch (SQLException e) {
                if (NO_ROOM.equals(e.getSQLState())) {
                    refusals.incrementAndGet();
                }
                throw e;
            }
        }
    }

    /** Makes a role with the rights of another one, but not those of a superuser. */
    Crowd(TestDatabase database, String role, String as) {
        this.database = database;
        this.role = role;
        PGSimpleDataSource own = (PGSimpleDataSource) database.dataSource();
        database.execute(
                "CREATE ROLE %s LOGIN IN ROLE %s PASSWORD '%s'"
                        .formatted(role, as, own.getPassword()));
        source = new Source();
        source.setUrl(own.getUrl());
        source.setUser(role);
        source.setPassword(own.getPassword());
    }

    /** As the role. */
    PGSimpleDataSource source() {
        return source;
    }

    int refusals() {
        return source.refusals.get();
    }

    /** Takes so many connections to this server. */
    void hold(PGSimpleDataSource server, int connections) throws SQLException {
        for (int i = 0; i < connections; i++) {
            held.add(server.getConnection(role, source.getPassword()));
        }
    }

    void leave() throws SQLException {
        for (Connection connection : held) {
            connection.close();
        }
        held.clear();
    }

    @Override
    public void close() throws SQLException {
        leave();
        database.execute("DROP ROLE " + role);
    }
}
