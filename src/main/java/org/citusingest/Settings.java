package org.citusingest;

import com.azure.storage.blob.BlobServiceClient;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.apache.camel.spi.PropertiesComponent;
import org.citusingest.cli.Ingest;
import org.citusingest.monitoring.ManagementSettings;
import org.citusingest.routes.RouteRules;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * The properties that are ours and not Camel's, checked: what is wrong stops the start with one
 * line that names the property, its environment variable and what is allowed.
 */
final class Settings {
    /** How much longer than a statement may take its answer is waited for. */
    private static final Duration SOCKET_GRACE = Duration.ofSeconds(30);

    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(60);

    private final PropertiesComponent properties;
    private final Path file;
    private final Ingest.Options options;

    private Settings(PropertiesComponent properties, Path file, Ingest.Options options) {
        this.properties = properties;
        this.file = file;
        this.options = options;
    }

    /** The settings as this properties component gives them, with placeholders resolved. */
    static Settings of(PropertiesComponent properties, Path file, Ingest.Options options) {
        return new Settings(properties, file, options);
    }

    /** The properties file: the one named, else the one here, else the one beside {@code bin/}. */
    static Path file(Ingest.Options options) {
        Path named = options.config().orElse(null);
        if (named != null) {
            if (!Files.isRegularFile(named)) {
                throw new SettingsException(
                        "There is no properties file %s: name another with --config"
                                .formatted(named));
            }
            return named.toAbsolutePath();
        }
        Path here = Path.of("application.properties").toAbsolutePath();
        Path beside = home().resolve("application.properties").toAbsolutePath();
        for (Path file : new Path[] {here, beside}) {
            if (Files.isRegularFile(file)) {
                return file.normalize();
            }
        }
        throw new SettingsException(
                "There is no application.properties in %s: run citus-ingest where it is, or name it with --config"
                        .formatted(here.getParent()));
    }

    /** Where the application is, as its launcher says. */
    static Path home() {
        return Path.of(System.getProperty("citusingest.home", "."));
    }

    /** Properties that count before those of the file. */
    static Properties overrides(Ingest.Options options) {
        Properties overrides = new Properties();
        overrides.putAll(options.overrides());
        return overrides;
    }

    /** The folder of the route files; a relative one is beside the properties file. */
    Path routesFolder() {
        return options.routes()
                .map(Path::toAbsolutePath)
                .orElseGet(() -> file.resolveSibling(optional("routes.folder", "routes")));
    }

    /** Where health and metrics are shown. */
    ManagementSettings management() {
        return ManagementSettings.of(properties::resolveProperty);
    }

    /** What route files may use. */
    RouteRules routeRules() {
        try {
            return RouteRules.read(key -> optional(key, null));
        } catch (IllegalArgumentException e) {
            throw new SettingsException(e.getMessage());
        }
    }

    /** How many threads encode and copy, 1 to 64. */
    int copyThreads() {
        return number("copy.threads", "COPY_THREADS", 2, 1, 64);
    }

    /** How long a process owns a load without a sign of life, 1 second to an hour. */
    Duration lease() {
        return Duration.ofSeconds(number("ledger.lease", "LEDGER_LEASE_SECONDS", 60, 1, 3600));
    }

    /** The longest that one statement may take, a COPY or a summary: 10 seconds to a day. */
    private Duration statementTimeout() {
        return Duration.ofSeconds(
                number(
                        "citus.statement-timeout",
                        "CITUS_STATEMENT_TIMEOUT_SECONDS",
                        600,
                        10,
                        86_400));
    }

    /** The pool of connections that rows are copied through; none is opened yet. */
    HikariDataSource dataSource() {
        int connections = number("citus.connections", "CITUS_CONNECTIONS", 10, 3, 1000);
        return pool("citus", connections, statementTimeout());
    }

    /**
     * The pool of connections for the signs of life, which neither wait for those of the other pool
     * nor for a statement that takes long.
     */
    HikariDataSource leaseDataSource() {
        return pool("citus-lease", 2, Duration.ofSeconds(10));
    }

    /** The pool of connections to one node of the cluster, with all options of the others. */
    HikariDataSource nodeDataSource(String host, int port) {
        int connections = number("citus.connections", "CITUS_CONNECTIONS", 10, 3, 1000);
        HikariConfig config =
                config("citus-%s-%d".formatted(host, port), connections, statementTimeout());
        config.setJdbcUrl(nodeUrl(config.getJdbcUrl(), host, port));
        return open(config);
    }

    /** The same URL with another server in it. */
    private static String nodeUrl(String url, String host, int port) {
        int options = url.indexOf('?');
        String server = options < 0 ? url : url.substring(0, options);
        String afterScheme = server.substring("jdbc:postgresql:".length());
        // Without a server in it, a URL is jdbc:postgresql:db or jdbc:postgresql:/.
        int slash = afterScheme.indexOf('/', afterScheme.startsWith("//") ? 2 : 0);
        String database =
                slash >= 0
                        ? afterScheme.substring(slash + 1)
                        : afterScheme.startsWith("//") ? "" : afterScheme;
        return "jdbc:postgresql://%s:%d/%s%s"
                .formatted(
                        host.contains(":") ? "[" + host + "]" : host,
                        port,
                        database,
                        options < 0 ? "" : url.substring(options));
    }

    private HikariDataSource pool(String name, int connections, Duration statementTimeout) {
        return open(config(name, connections, statementTimeout));
    }

    private HikariConfig config(String name, int connections, Duration statementTimeout) {
        String url =
                required(
                        "citus.url",
                        "CITUS_URL",
                        "the JDBC URL of the database, such as jdbc:postgresql://host:5432/db");
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new SettingsException(
                    "citus.url (CITUS_URL) must begin with jdbc:postgresql:, such as jdbc:postgresql://host:5432/db");
        }
        if (url.matches("jdbc:postgresql://[^/?]*@.*")) {
            // The driver takes it for a host, and would print it as one.
            throw new SettingsException(
                    "citus.url (CITUS_URL) has a user before the host: set CITUS_USER and CITUS_PASSWORD instead");
        }
        refuseTextOfClient(url);
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl(url);
        config.setUsername(optional("citus.user", null));
        config.setPassword(optional("citus.password", null));
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(0);
        // The start asks for a connection itself, and says in one line why there is none.
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(Duration.ofSeconds(10).toMillis());
        config.addDataSourceProperty("ApplicationName", "citus-ingest");
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("connectTimeout", "10");
        // Of a server that is gone nothing more is heard; a COMMIT heeds no statement timeout.
        config.addDataSourceProperty(
                "socketTimeout", statementTimeout.plus(SOCKET_GRACE).toSeconds());
        config.setConnectionInitSql(sessionSql(statementTimeout));
        config.setRegisterMbeans(true);
        return config;
    }

    /** In this mode the driver puts values into the text of statements itself: CVE-2024-1597. */
    private static void refuseTextOfClient(String url) {
        Properties options = Driver.parseURL(url, null);
        if (options != null
                && PreferQueryMode.of(PGProperty.PREFER_QUERY_MODE.getOrDefault(options))
                        == PreferQueryMode.SIMPLE) {
            throw new SettingsException(
                    "citus.url (CITUS_URL) has preferQueryMode=simple, with which values become part of the SQL: leave it out");
        }
    }

    private static HikariDataSource open(HikariConfig config) {
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException e) {
            // The message of the cause repeats the URL, which may hold a password.
            throw new SettingsException(
                    "citus.url (CITUS_URL) is not understood: write it like jdbc:postgresql://host:5432/db");
        }
    }

    /**
     * What keeps a session from waiting for ever, on the server's side too: for a lock, for a
     * statement, for a client that has stopped or is gone.
     */
    private static String sessionSql(Duration statementTimeout) {
        return """
        SET statement_timeout = %1$d; SET lock_timeout = %2$d;
        SET idle_in_transaction_session_timeout = %1$d; SET tcp_keepalives_idle = 30;
        SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 60000
        """
                .formatted(
                        statementTimeout.toMillis(),
                        Math.min(statementTimeout.toMillis(), LOCK_TIMEOUT.toMillis()));
    }

    /** The storage account. */
    StorageSettings storage() {
        return new StorageSettings(this);
    }

    /** The client of the storage account; it connects to nothing yet. */
    BlobServiceClient blobServiceClient() {
        return storage().blobs();
    }

    /** A switch, off by default. */
    boolean flag(String key, String variable) {
        String text = optional(key, "false");
        if (!text.equals("true") && !text.equals("false")) {
            throw new SettingsException(
                    "%s (%s) is '%s'; it must be true or false".formatted(key, variable, text));
        }
        return text.equals("true");
    }

    String required(String key, String variable, String meaning) {
        String value = optional(key, null);
        if (value == null) {
            throw new SettingsException(
                    "%s is not set: set %s to %s".formatted(key, variable, meaning));
        }
        return value;
    }

    String optional(String key, String otherwise) {
        String value = properties.resolveProperty(key).map(String::trim).orElse("");
        return value.isEmpty() ? otherwise : value;
    }

    private int number(String key, String variable, int otherwise, int least, int most) {
        String text = optional(key, String.valueOf(otherwise));
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw new SettingsException(
                "%s (%s) is '%s'; it must be a whole number from %d to %d"
                        .formatted(key, variable, text, least, most));
    }
}
