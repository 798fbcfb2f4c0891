package org.citusingest;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.postgresql.ds.PGSimpleDataSource;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A schema of its own on a server with Citus, for the tests of a class: the server that
 * CITUS_TEST_URL names (with CITUS_TEST_USER and CITUS_TEST_PASSWORD where the URL has no user),
 * else a container where Docker is. Without either the tests are skipped. The role need not be a
 * superuser.
 */
public final class CitusServer implements BeforeAllCallback, AfterAllCallback {
    private static final String IMAGE = "citusdata/citus:13.2.0";

    private final String schema = "test_" + Long.toString(System.nanoTime(), Character.MAX_RADIX);
    private TestDatabase database;

    /** The database; names without a schema are found in {@link #schema()} first. */
    public TestDatabase database() {
        return database;
    }

    /** The schema of these tests, and a prefix for what they leave in tables of others. */
    public String schema() {
        return schema;
    }

    /** Points a workspace to this schema. */
    public void use(Workspace workspace) {
        PGSimpleDataSource server = (PGSimpleDataSource) database.dataSource();
        workspace.set(
                "citus.url",
                "jdbc:postgresql://%s:%d/%s?currentSchema=%s,public"
                        .formatted(
                                server.getServerNames()[0],
                                server.getPortNumbers()[0],
                                server.getDatabaseName(),
                                schema));
        workspace.set("citus.user", server.getUser());
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Optional<PGSimpleDataSource> server = named(System.getenv()).or(CitusServer::container);
        assumeTrue(
                server.isPresent(),
                "No Citus: set CITUS_TEST_URL to the JDBC URL of a server with the extension, or start Docker");
        PGSimpleDataSource source = server.get();
        new TestDatabase(source).execute("CREATE SCHEMA " + schema);
        source.setCurrentSchema(schema + ",public");
        database = new TestDatabase(source);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (database != null) {
            database.execute("DROP SCHEMA " + schema + " CASCADE");
            forget();
        }
    }

    /** The ledger is shared with whoever else uses the server. */
    private void forget() {
        if (!database.ask("SELECT to_regclass('citus_ingest.reject')").equals("null")) {
            String mine =
                    "(SELECT id FROM citus_ingest.load WHERE pipeline LIKE '%s%%')"
                            .formatted(schema);
            database.execute(
                    "DELETE FROM citus_ingest.reject WHERE load_id IN " + mine,
                    "DELETE FROM citus_ingest.batch WHERE load_id IN " + mine,
                    "DELETE FROM citus_ingest.summary WHERE pipeline LIKE '%s%%'".formatted(schema),
                    "DELETE FROM citus_ingest.load WHERE id IN " + mine);
        }
    }

    private static Optional<PGSimpleDataSource> named(Map<String, String> environment) {
        return Optional.ofNullable(environment.get("CITUS_TEST_URL"))
                .map(
                        url ->
                                source(
                                        url,
                                        environment.get("CITUS_TEST_USER"),
                                        environment.get("CITUS_TEST_PASSWORD")));
    }

    private static Optional<PGSimpleDataSource> container() {
        return DockerClientFactory.instance().isDockerAvailable()
                ? Optional.of(Container.source())
                : Optional.empty();
    }

    private static PGSimpleDataSource source(String url, String user, String password) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        Optional.ofNullable(user).ifPresent(source::setUser);
        Optional.ofNullable(password).ifPresent(source::setPassword);
        return source;
    }

    /** One server for all classes; it ends with the JVM. */
    private static final class Container {
        private static final PostgreSQLContainer SERVER = start();

        private static PostgreSQLContainer start() {
            PostgreSQLContainer server =
                    new PostgreSQLContainer(
                            DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("postgres"));
            server.setCommand("postgres", "-c", "shared_preload_libraries=citus");
            server.start();
            new TestDatabase(
                            CitusServer.source(
                                    server.getJdbcUrl(),
                                    server.getUsername(),
                                    server.getPassword()))
                    .execute(
                            "CREATE EXTENSION IF NOT EXISTS citus",
                            "SELECT citus_set_coordinator_host('localhost')");
            return server;
        }

        static PGSimpleDataSource source() {
            return CitusServer.source(
                    SERVER.getJdbcUrl(), SERVER.getUsername(), SERVER.getPassword());
        }
    }
}
