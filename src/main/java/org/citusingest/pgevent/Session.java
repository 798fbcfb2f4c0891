package org.citusingest.pgevent;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** A session of the server that listens to one channel. */
final class Session implements AutoCloseable {
    private static final int ANSWER_SECONDS = 5;

    /**
     * A server whose client is gone without a word notices within about a minute, and not after the
     * two hours of most systems. Where an answer is on the way, only the last setting counts.
     */
    private static final String END_WITH_THE_CLIENT =
            "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;"
                    + " SET tcp_user_timeout = 60000";

    private final Connection connection;
    private final PGConnection physical;

    private Session(Connection connection, PGConnection physical) {
        this.connection = connection;
        this.physical = physical;
    }

    /** Listens on this connection, which is closed with the session, and when this fails. */
    static Session listen(Connection connection, String channel) throws SQLException {
        try {
            Session session = new Session(connection, connection.unwrap(PGConnection.class));
            if (!connection.getAutoCommit()) {
                connection.setAutoCommit(true);
            }
            connection.setNetworkTimeout(Runnable::run, ANSWER_SECONDS * 1000);
            try (Statement statement = connection.createStatement()) {
                statement.execute(END_WITH_THE_CLIENT);
                statement.execute("LISTEN \"" + channel + "\"");
            }
            // Last: whoever sees the name in pg_stat_activity knows that it listens.
            connection.setClientInfo("ApplicationName", "pgevent " + channel);
            return session;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /**
     * Waits for notifications, in the order in which they were sent.
     *
     * @return none when there was none in time, and the session is still there
     * @throws SQLException when the session is lost or closed
     */
    List<PGNotification> await(int millis) throws SQLException {
        PGNotification[] heard = physical.getNotifications(millis);
        if (heard.length == 0 && !connection.isValid(ANSWER_SECONDS)) {
            throw new SQLNonTransientConnectionException("the server does not answer");
        }
        return List.of(heard);
    }

    /** Ends the session, from any thread; who awaits something of it gets an exception. */
    @Override
    public void close() {
        try {
            // First, so that a pool does not hand a session on that listens.
            if (physical instanceof Connection own) {
                own.close();
            }
            connection.close();
        } catch (SQLException e) {
            // It is gone already.
        }
    }
}
