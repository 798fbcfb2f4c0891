package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class ChecksTest {
    @Test
    void pools_that_may_open_more_connections_than_the_server_gives_are_told_of()
            throws SQLException {
        TestDatabase database = TestDatabase.fresh();
        String name = database.ask("SELECT current_database()");
        // It holds for whoever is no superuser; the one that is asked here is told of it all the
        // same.
        database.execute("ALTER DATABASE %s CONNECTION LIMIT 11".formatted(name));
        PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
        try (Connection connection = source.getConnection()) {
            assertThat(Checks.tooFewConnections(connection, 9, 2)).isEmpty();
            assertThat(Checks.tooFewConnections(connection, 10, 2))
                    .hasValue(
                            "citus.connections (CITUS_CONNECTIONS) is 10, so that this process may have 12 connections to the server, which gives 11: loads will wait for connections; set it to 9 or raise max_connections there");
        }
    }
}
