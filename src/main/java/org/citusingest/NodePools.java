package org.citusingest;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.citusingest.citus.NodeConnector;

/** A pool of connections for each node of a Citus that rows have gone to. */
final class NodePools implements NodeConnector, AutoCloseable {
    private final Settings settings;
    private final Map<String, HikariDataSource> pools = new ConcurrentHashMap<>();

    NodePools(Settings settings) {
        this.settings = settings;
    }

    @Override
    public Connection connect(String host, int port) throws SQLException {
        return pools.computeIfAbsent(
                        host + ":" + port, unused -> settings.nodeDataSource(host, port))
                .getConnection();
    }

    @Override
    public void close() {
        pools.values().forEach(HikariDataSource::close);
    }
}
