package org.citusingest.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import javax.sql.DataSource;

/**
 * The roles that deploy/roles.sql makes.
 *
 * @param owner makes the ledger and the tables
 * @param loader loads into them
 */
public record Roles(String owner, String loader) {
    /** The names that the script gives them. */
    public static final Roles DEFAULT = new Roles("ingest_owner", "ingest_loader");

    /**
     * Runs the script.
     *
     * @param administrator a superuser, in the database of the tables
     * @param settings what the script reads from settings, by their names without {@code
     *     citus_ingest}
     */
    public void apply(DataSource administrator, Map<String, String> settings) throws SQLException {
        try (Connection connection = administrator.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement set =
                            connection.prepareStatement(
                                    "SELECT set_config('citus_ingest.' || ?, ?, true)");
                    Statement statement = connection.createStatement()) {
                set(set, "owner", owner);
                set(set, "loader", loader);
                for (Map.Entry<String, String> setting : settings.entrySet()) {
                    set(set, setting.getKey(), setting.getValue());
                }
                statement.execute(script());
                connection.commit();
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            }
        }
    }

    private static void set(PreparedStatement statement, String name, String value)
            throws SQLException {
        statement.setString(1, name);
        statement.setString(2, value);
        statement.execute();
    }

    private static String script() {
        try (InputStream in = Roles.class.getResourceAsStream("roles.sql")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
