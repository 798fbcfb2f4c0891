package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.citusingest.cli.Ingest.Options;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void newFile() {
        file = folder.resolve("application.properties");
    }

    private Settings settings(Path routes, Map<String, String> overrides, String... lines)
            throws IOException {
        Files.writeString(file, String.join("\n", lines));
        Options options = new Options(Optional.of(file), Optional.ofNullable(routes), overrides);
        PropertiesFile properties =
                PropertiesFile.read(Settings.file(options), Settings.overrides(options));
        return Settings.of(properties.component(), file, options);
    }

    @Test
    void defaults() throws IOException {
        Settings settings = settings(null, Map.of(), "citus.url = jdbc:postgresql://host/db");

        assertThat(settings.routesFolder()).isEqualTo(folder.resolve("routes"));
        assertThat(settings.copyThreads()).isEqualTo(2);
        assertThat(settings.lease()).isEqualTo(Duration.ofSeconds(60));
        try (HikariDataSource pool = settings.dataSource()) {
            assertThat(pool.getMaximumPoolSize()).isEqualTo(10);
            assertThat(pool.getUsername()).isNull();
            assertThat(pool.getPassword()).isNull();
        }
    }

    @Test
    void explicit_values() throws IOException {
        Settings settings =
                settings(
                        Path.of("/etc/routes"),
                        Map.of("citus.user", "overridden"),
                        "citus.url = jdbc:postgresql://host:6543/db",
                        "citus.user = loader",
                        "citus.password = {{env:NO_SUCH_VARIABLE:from-default}}",
                        "citus.connections = 20",
                        "copy.threads = 8",
                        "ledger.lease = 5",
                        "routes.folder = elsewhere",
                        "storage.account = account1",
                        "storage.credential = shared-key",
                        "storage.key = a2V5",
                        "storage.endpoint = https://account1.blob.example.net");

        assertThat(settings.routesFolder()).isEqualTo(Path.of("/etc/routes"));
        assertThat(settings.copyThreads()).isEqualTo(8);
        assertThat(settings.lease()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.blobServiceClient().getAccountUrl())
                .isEqualTo("https://account1.blob.example.net");
        try (HikariDataSource pool = settings.dataSource()) {
            assertThat(pool.getJdbcUrl()).isEqualTo("jdbc:postgresql://host:6543/db");
            assertThat(pool.getMaximumPoolSize()).isEqualTo(20);
            assertThat(pool.getUsername()).isEqualTo("overridden");
            assertThat(pool.getPassword()).isEqualTo("from-default");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://host/db, jdbc:postgresql://worker-1:5433/db",
        "jdbc:postgresql://host:6543/db?sslmode=disable&x=a/b, jdbc:postgresql://worker-1:5433/db?sslmode=disable&x=a/b",
        "jdbc:postgresql://host/db?sslmode=verify-full&sslrootcert=/etc/ca.crt, jdbc:postgresql://worker-1:5433/db?sslmode=verify-full&sslrootcert=/etc/ca.crt",
        "'jdbc:postgresql://one:1,two:2/db', jdbc:postgresql://worker-1:5433/db",
        "jdbc:postgresql:db?user=loader, jdbc:postgresql://worker-1:5433/db?user=loader",
        "jdbc:postgresql://host, jdbc:postgresql://worker-1:5433/"
    })
    void a_node_is_reached_as_the_database_but_for_its_address(String url, String node)
            throws IOException {
        Settings settings =
                settings(
                        null,
                        Map.of(),
                        "citus.url = " + url,
                        "citus.user = loader",
                        "citus.password = word");

        try (HikariDataSource pool = settings.nodeDataSource("worker-1", 5433)) {
            assertThat(pool.getJdbcUrl()).isEqualTo(node);
            assertThat(pool.getUsername()).isEqualTo("loader");
            assertThat(pool.getPassword()).isEqualTo("word");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://host/db?preferQueryMode=simple",
                "jdbc:postgresql://host/db?sslmode=require&preferQueryMode=%73imple",
                "jdbc:postgresql:db?preferQueryMode=simple&preferQueryMode=simple"
            })
    void a_driver_that_writes_values_into_the_sql_itself_is_refused(String url) throws IOException {
        Settings settings = settings(null, Map.of(), "citus.url = " + url);

        assertThatThrownBy(settings::dataSource)
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("citus.url (CITUS_URL) has preferQueryMode=simple")
                .hasMessageEndingWith("leave it out");
    }

    @Test
    void another_mode_of_the_driver_is_taken() throws IOException {
        Settings settings =
                settings(
                        null,
                        Map.of(),
                        "citus.url = jdbc:postgresql://host/db?preferQueryMode=extended");

        settings.dataSource().close();
    }
}
