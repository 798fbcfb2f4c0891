package org.citusingest.demo;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/**
 * A PostgreSQL of its own, without Citus, with the roles of deploy/roles.sql: its data are gone
 * after {@link #close}.
 */
public final class DemoPostgres implements AutoCloseable {
    private static final String DATABASE = "ingest";

    private final EmbeddedPostgres server;

    private DemoPostgres(EmbeddedPostgres server) {
        this.server = server;
    }

    /**
     * Starts a server on a free port of localhost, with a database and roles that are no
     * superusers.
     *
     * @param scratchDir where the programs, the data and the file postgres.log go; for one server
     * @throws DemoException where it does not start
     */
    public static DemoPostgres start(Path scratchDir) {
        Path log = scratchDir.toAbsolutePath().resolve("postgres.log");
        try {
            Files.createDirectories(scratchDir);
            EmbeddedPostgres server =
                    EmbeddedPostgres.builder()
                            .setOverrideWorkingDirectory(scratchDir.toFile())
                            .setDataDirectory(scratchDir.resolve("data"))
                            // The machine's own locale may not go with UTF-8.
                            .setLocaleConfig("locale", "C")
                            .setOutputRedirector(Redirect.appendTo(log.toFile()))
                            .setErrorRedirector(Redirect.appendTo(log.toFile()))
                            .start();
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + DATABASE);
                Roles.DEFAULT.apply(server.getDatabase("postgres", DATABASE), Map.of());
            } catch (SQLException e) {
                server.close();
                throw e;
            }
            return new DemoPostgres(server);
        } catch (IOException | SQLException | RuntimeException e) {
            throw new DemoException(
                    "PostgreSQL did not start in %s (%s): see %s, or point --database at a server"
                            .formatted(scratchDir, e.getMessage(), log),
                    e);
        }
    }

    /**
     * Gives the role that loads its rights on the ledger and the sample tables, once they are
     * there.
     */
    public void grant() {
        try {
            Roles.DEFAULT.apply(server.getDatabase("postgres", DATABASE), SampleSchema.NAMES);
        } catch (SQLException e) {
            throw new DemoException(
                    "deploy/roles.sql failed (%s): this is a fault of the demo"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    /** The address of the database for a role, with a password that the server does not check. */
    public String jdbcUrl(String role) {
        return "jdbc:postgresql://127.0.0.1:%d/%s?user=%s&password=%3$s"
                .formatted(server.getPort(), DATABASE, role);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new DemoException("PostgreSQL did not stop: " + e.getMessage(), e);
        }
    }
}
