package org.citusingest.ledger;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.Function;
import javax.sql.DataSource;

/** The database that holds the ledger, and how its statements are run. */
final class LedgerDatabase {
    private final DataSource dataSource;
    private volatile Boolean citus;

    LedgerDatabase(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    interface Query<T> {
        T run(Connection connection) throws SQLException;
    }

    /** Each statement by itself. */
    <T> T call(String purpose, Query<T> query) {
        try (Connection connection = dataSource.getConnection()) {
            return query.run(connection);
        } catch (SQLException e) {
            throw failed(purpose, e);
        }
    }

    /** All statements or none; gives up when another process holds a row for more than a while. */
    <T> T transaction(String purpose, Query<T> query) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                update(connection, "SET LOCAL lock_timeout = '10s'");
                T result = query.run(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollBack(connection, e);
                throw e;
            } finally {
                restore(connection);
            }
        } catch (SQLException e) {
            throw failed(purpose, e);
        }
    }

    private static void rollBack(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    // One that is broken is thrown away by the pool; what broke it is on its way to the caller.
    private static void restore(Connection connection) {
        try {
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            org.slf4j.LoggerFactory.getLogger(LedgerDatabase.class)
                    .debug("A connection is broken", e);
        }
    }

    private static LedgerException failed(String purpose, SQLException e) {
        return new LedgerException("Could not " + purpose + ": " + Failure.oneLine(e), e);
    }

    /** Whether the tables are those of a Citus. */
    boolean citus(Connection connection) throws SQLException {
        if (citus == null) {
            citus =
                    ask(
                                    connection,
                                    "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')")
                            .equals("t");
        }
        return citus;
    }

    /**
     * A transaction whose rows may reach other nodes after its commit.
     *
     * @param xid its id; null where all its rows are in at its commit
     * @param group the number in {@code pg_dist_node} of the node that commits it; null where that
     *     makes no difference
     */
    record Commit(String xid, Integer group) {}

    /** The transaction of this connection, which has begun. */
    Commit commit(Connection connection) throws SQLException {
        if (!citus(connection)) {
            return new Commit(null, null);
        }
        try (PreparedStatement query =
                        connection.prepareStatement(
                                "SELECT pg_current_xact_id()::text, groupid FROM pg_dist_local_group");
                ResultSet row = query.executeQuery()) {
            row.next();
            return new Commit(row.getString(1), row.getInt(2));
        }
    }

    /** The first column of the one row. */
    static String ask(Connection connection, String question, Object... parameters)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(question)) {
            set(query, parameters);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    static int update(Connection connection, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            set(update, parameters);
            return update.executeUpdate();
        }
    }

    static void set(PreparedStatement statement, Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
    }

    static <E> Array array(
            Connection connection, String type, Collection<E> elements, Function<E, ?> value)
            throws SQLException {
        Object[] values = elements.stream().map(value).toArray();
        return connection.createArrayOf(
                type,
                type.equals("bytea")
                        ? Arrays.copyOf(values, values.length, byte[][].class)
                        : values);
    }

    static Array ids(Connection connection, Collection<Long> ids) throws SQLException {
        return connection.createArrayOf("bigint", ids.toArray());
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    /** A text that the database takes: it has no NUL. */
    static String text(String any) {
        return any == null ? null : any.replace('\0', ' ');
    }
}
