package org.citusingest.pgevent;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The database of a pool without the pool. A listener keeps its connection as long as it runs; a
 * pool would have one less for ever, and could think it leaked.
 */
final class Unpooled {
    private static final int CONNECT_SECONDS = 10;

    private Unpooled() {}

    /**
     * Connects as the data source does. Of a pool that is not Hikari's a connection is taken, and
     * kept.
     */
    static DataSource of(DataSource source) throws SQLException {
        if (!(source instanceof HikariDataSource pool)) {
            return source;
        }
        if (pool.getDataSource() != null) {
            return of(pool.getDataSource());
        }
        if (pool.getJdbcUrl() == null) {
            return source;
        }
        PGSimpleDataSource server = new PGSimpleDataSource();
        try {
            server.setURL(pool.getJdbcUrl());
        } catch (IllegalArgumentException e) {
            // Its message has the URL, which may hold a password: nor is it the cause.
            throw new SQLException(
                    "The pool %s has no URL that begins with jdbc:postgresql:, so its database has no channels"
                            .formatted(pool.getPoolName()));
        }
        for (Map.Entry<Object, Object> property : pool.getDataSourceProperties().entrySet()) {
            PGProperty known = PGProperty.forName(String.valueOf(property.getKey()));
            if (known != null) {
                server.setProperty(known, String.valueOf(property.getValue()));
            }
        }
        // Asked at each connect: passwords are changed, and tokens end.
        Credentials credentials = pool.getCredentials();
        if (credentials.getUsername() != null) {
            server.setUser(credentials.getUsername());
        }
        if (credentials.getPassword() != null) {
            server.setPassword(credentials.getPassword());
        }
        return bounded(server);
    }

    /** Waits for no connection for ever, not even where something accepts it and says nothing. */
    static DataSource bounded(PGSimpleDataSource server) {
        server.setTcpKeepAlive(true);
        server.setConnectTimeout(CONNECT_SECONDS);
        server.setSocketTimeout(CONNECT_SECONDS);
        return server;
    }
}
