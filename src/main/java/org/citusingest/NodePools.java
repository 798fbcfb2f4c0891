package org.citusingest;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.citusingest.citus.NodeConnector;

/** A pool of connections for each node of the cluster, opened when the node is first asked for. */
final class NodePools implements NodeConnector, AutoCloseable {
    private record Address(String host, int port) {}

    private final Map<Address, HikariDataSource> pools = new ConcurrentHashMap<>();
    private final BiFunction<String, Integer, HikariDataSource> opener;

    NodePools(BiFunction<String, Integer, HikariDataSource> opener) {
        this.opener = opener;
    }

    @Override
    public Connection connect(String host, int port) throws SQLException {
        return pools.computeIfAbsent(
                        new Address(host, port), node -> opener.apply(node.host(), node.port()))
                .getConnection();
    }

    @Override
    public void close() {
        pools.values().forEach(HikariDataSource::close);
    }
}
