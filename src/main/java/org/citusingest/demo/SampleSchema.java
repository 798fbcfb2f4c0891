package org.citusingest.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;

/** The tables http_request, http_request_1min and site with the function rollup_http_request(). */
public final class SampleSchema {
    /** What the role that loads has to do with, as {@link Roles} is told it. */
    static final Map<String, String> NAMES =
            Map.of(
                    "tables", "http_request, site",
                    "summaries", "http_request_1min",
                    "functions", "rollup_http_request()",
                    "removal", "on");

    private SampleSchema() {}

    /**
     * Creates what is missing in the first schema of the search path, all or nothing.
     *
     * @return whether the tables are distributed, as they are on a server with the extension citus
     * @throws DemoException where a table has other columns, or the role may not create tables
     */
    public static boolean install(DataSource database) {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql());
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            }
            return distributed(connection);
        } catch (SQLException e) {
            throw new DemoException(
                    "the sample tables were not created (%s %s): nothing was changed; name another database or schema"
                            .formatted(e.getSQLState(), firstLine(e)),
                    e);
        }
    }

    private static boolean distributed(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found =
                        statement.executeQuery(
                                "SELECT FROM pg_extension WHERE extname = 'citus'")) {
            return found.next();
        } finally {
            connection.rollback();
        }
    }

    private static String firstLine(SQLException e) {
        return e.getMessage().lines().findFirst().orElse("");
    }

    private static String sql() {
        try (InputStream in = SampleSchema.class.getResourceAsStream("schema.sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
