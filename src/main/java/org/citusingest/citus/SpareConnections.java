package org.citusingest.citus;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.citusingest.ledger.Failure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections that loads may take beside the one that each of them needs. Thread-safe. */
final class SpareConnections {
    private static final Logger LOG = LoggerFactory.getLogger(SpareConnections.class);

    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final Semaphore left;
    private volatile long notBefore = System.nanoTime();

    SpareConnections(int count) {
        left = new Semaphore(count);
    }

    /** Takes one, unless there is none, or a server has just refused one. */
    boolean take() {
        return System.nanoTime() - notBefore >= 0 && left.tryAcquire();
    }

    void give(int count) {
        left.release(count);
    }

    /** A server has no connection left: for a while loads go on with those that they have. */
    void refused(Throwable reason) {
        boolean told = System.nanoTime() - notBefore < 0;
        notBefore = System.nanoTime() + PAUSE.toNanos();
        if (!told) {
            LOG.info(
                    "Loads take no further connections for {} s: {}",
                    PAUSE.toSeconds(),
                    Failure.oneLine(reason));
        }
    }

    /**
     * Looks whether every worker of Citus takes a connection from the server of this one, which is
     * heard amid a COPY otherwise.
     *
     * @throws SQLException when one takes none
     */
    static void checkWorkers(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet refused =
                        statement.executeQuery(
                                "SELECT result FROM run_command_on_workers('SELECT 1') WHERE NOT success")) {
            if (refused.next()) {
                throw new SQLException(refused.getString(1), "53300");
            }
        }
    }
}
