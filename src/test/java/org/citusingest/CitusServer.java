package org.citusingest;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.citusingest.demo.Roles;
import org.citusingest.ledger.Ledger;
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
 * else a container where Docker is. Without either the tests are skipped. Where the role is a
 * superuser, the tests load as the role of deploy/roles.sql; where it is not, as this role itself.
 */
public final class CitusServer implements BeforeAllCallback, AfterAllCallback {
    private static final String IMAGE = "citusdata/citus:13.2.0";

    private static final Roles ROLES = Roles.DEFAULT;

    private final String schema = "test_" + Long.toString(System.nanoTime(), Character.MAX_RADIX);
    private TestDatabase database;

    /**
     * The database for the role that was named, which makes the tables; names without a schema are
     * found in {@link #schema()} first.
     */
    public TestDatabase database() {
        return database;
    }

    /** The schema of these tests, and a prefix for what they leave in tables of others. */
    public String schema() {
        return schema;
    }

    /**
     * The database for the role that loads, with its rights on all tables and functions that the
     * schema has by now.
     *
     * @param summaries the tables that are not loaded, but written by a summary
     */
    public TestDatabase loader(String... summaries) {
        if (!isSuperuser()) {
            return database;
        }
        makeLedger();
        Set<String> written = Set.of(summaries);
        Map<Boolean, List<String>> tables =
                database
                        .rows(
                                "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = '%s'::regnamespace"
                                        .formatted(schema))
                        .stream()
                        .collect(Collectors.partitioningBy(written::contains));
        String functions =
                database.ask(
                        "SELECT string_agg(oid::regprocedure::text, ', ') FROM pg_proc WHERE pronamespace = '%s'::regnamespace"
                                .formatted(schema));
        apply(
                Map.of(
                        "tables",
                        quoted(tables.get(false)),
                        "summaries",
                        quoted(tables.get(true)),
                        "functions",
                        functions.equals("null") ? "" : functions,
                        "removal",
                        "on"));
        // The search path is that which the script has given it.
        PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
        PGSimpleDataSource loader = new PGSimpleDataSource();
        loader.setUrl(source.getURL());
        loader.setCurrentSchema(null);
        loader.setUser(ROLES.loader());
        loader.setPassword(source.getPassword());
        return new TestDatabase(loader);
    }

    private String quoted(List<String> tables) {
        return tables.stream()
                .map(table -> schema + ".\"" + table.replace("\"", "\"\"") + "\"")
                .collect(Collectors.joining(", "));
    }

    private void makeRoles() {
        apply(Map.of());
        String password = ((PGSimpleDataSource) database.dataSource()).getPassword();
        if (password != null) {
            for (String role : List.of(ROLES.owner(), ROLES.loader())) {
                database.execute(
                        "ALTER ROLE %s PASSWORD '%s'".formatted(role, password.replace("'", "''")));
            }
        }
        makeLedger();
    }

    /** It is the owner's; one that is there already stays whose it is. */
    private void makeLedger() {
        if (new Ledger(database.dataSource()).version() == 0) {
            apply(Map.of());
            new Ledger(database.as(ROLES.owner()).dataSource()).install();
        }
    }

    private void apply(Map<String, String> names) {
        Map<String, String> settings = new HashMap<>(names);
        settings.put("schema", schema);
        try {
            ROLES.apply(database.dataSource(), settings);
        } catch (SQLException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    private boolean isSuperuser() {
        return database.ask("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
                .equals("t");
    }

    /** Points a workspace to this schema, as the role that loads. */
    public void use(Workspace workspace) {
        PGSimpleDataSource server = (PGSimpleDataSource) database.dataSource();
        workspace.set(
                "citus.url",
                "jdbc:postgresql://%s:%d/%s"
                                .formatted(
                                        server.getServerNames()[0],
                                        server.getPortNumbers()[0],
                                        server.getDatabaseName())
                        + (isSuperuser() ? "" : "?currentSchema=" + schema + ",public"));
        workspace.set("citus.user", isSuperuser() ? ROLES.loader() : server.getUser());
        Optional.ofNullable(server.getPassword())
                .ifPresent(password -> workspace.set("citus.password", password));
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
        if (isSuperuser()) {
            makeRoles();
        }
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
