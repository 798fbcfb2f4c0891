package org.citusingest;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LedgerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ways into the database: a pool of connections for rows, one for leases and other short
 * statements, one for each node of a cluster, and the ledger. Nothing connects before it is used.
 */
final class Databases implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Databases.class);

    private final HikariDataSource rows;
    private final HikariDataSource leases;
    private final NodePools nodes;
    private final Ledger ledger;

    Databases(Settings settings) {
        NoConnection.silenceDriver();
        rows = settings.dataSource();
        leases = settings.leaseDataSource();
        nodes = new NodePools(settings::nodeDataSource);
        ledger = new Ledger(rows, leases, settings.lease());
    }

    HikariDataSource rows() {
        return rows;
    }

    HikariDataSource leases() {
        return leases;
    }

    NodePools nodes() {
        return nodes;
    }

    Ledger ledger() {
        return ledger;
    }

    /**
     * Connects, so that a wrong password, or a role with too few rights, ends the start and not a
     * load.
     *
     * @throws SettingsException where there is no connection
     * @throws LedgerException where the role can neither use the ledger nor make it
     */
    void connect() {
        try (Connection connection = rows.getConnection()) {
            LOG.debug("Connected to {}", NoConnection.server(rows));
            warnOfFewConnections(connection);
        } catch (SQLException e) {
            throw new SettingsException(NoConnection.message(rows, e));
        }
        ledger.refusal()
                .ifPresent(
                        refusal -> {
                            throw new LedgerException(refusal);
                        });
    }

    /** It is only a warning: a server that does not tell stops no start. */
    private void warnOfFewConnections(Connection connection) {
        try {
            Checks.tooFewConnections(
                            connection, rows.getMaximumPoolSize(), leases.getMaximumPoolSize())
                    .ifPresent(LOG::warn);
        } catch (SQLException e) {
            LOG.debug("How many connections the server gives is not known", e);
        }
    }

    /** Gives back the leases of loads that did not end. */
    void release() {
        try {
            int released = ledger.releaseAll();
            if (released > 0) {
                LOG.info("released={} loads did not end in time and are left to others", released);
            }
        } catch (LedgerException e) {
            LOG.warn(
                    "The leases could not be given back, and end by themselves: {}",
                    e.getMessage());
        }
    }

    @Override
    public void close() {
        ledger.close();
        rows.close();
        leases.close();
        nodes.close();
    }
}
