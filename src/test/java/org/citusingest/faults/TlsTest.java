package org.citusingest.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import org.citusingest.OwnServer;
import org.citusingest.TestDatabase;
import org.citusingest.Workspace;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code sslmode=verify-full} in the URL of a server whose certificate is not the right one. */
@Timeout(120)
class TlsTest {
    private static final String STORE = "keys.p12";
    private static final String PASSWORD = "changeit";

    @TempDir private static Path folder;
    private static OwnServer server;

    @BeforeAll
    static void startServer() throws Exception {
        server = new OwnServer(folder).start();
        keytool("ca", "-ext", "bc:c");
        keytool("another", "-ext", "bc:c");
        keytool("good", "-signer", "ca", "-ext", "san=dns:localhost");
        keytool("elsewhere", "-signer", "ca", "-ext", "san=dns:db.example.org");
        keytool(
                "old",
                "-signer",
                "ca",
                "-ext",
                "san=dns:localhost",
                "-startdate",
                "-10d",
                "-validity",
                "2");
        export();
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
    }

    @Test
    void a_certificate_that_is_trusted_and_of_this_host_is_taken() throws Exception {
        serve("good");

        try (Connection connection = DriverManager.getConnection(url("ca"), "postgres", "")) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "good, another, unable to find valid certification path",
        "elsewhere, ca, hostname",
        "old, ca, validity check failed"
    })
    void any_other_certificate_is_refused(String served, String trusted, String told)
            throws Exception {
        serve(served);

        assertThatThrownBy(() -> DriverManager.getConnection(url(trusted), "postgres", "").close())
                .isInstanceOf(SQLException.class)
                .satisfies(e -> assertThat(chain(e)).containsIgnoringCase(told));
    }

    @Test
    @EnabledIfSystemProperty(
            named = "faults.all",
            matches = "true",
            disabledReason = "Waits for timeouts of ten seconds: -Dfaults.all=true")
    void a_server_without_encryption_is_not_talked_to_in_clear(@TempDir Path work) {
        serve("good");
        TestDatabase database = server.database("clear");
        Workspace workspace = new Workspace(work, database);
        // It tells whoever asks that there is no encryption.
        try (FaultProxy clear = FaultProxy.before("localhost", server.port())) {
            workspace.set("citus.url", clear.through(url("ca").replace("postgres?", "clear?")));

            Run run = workspace.run("check");

            assertThat(run.code()).isOne();
            assertThat(run.out()).contains("No connection to").contains("does not support SSL");
        }
        assertThat(database.ask("SELECT to_regnamespace('citus_ingest')")).isEqualTo("null");
    }

    private static String chain(Throwable error) {
        return error == null ? "" : error.getMessage() + " / " + chain(error.getCause());
    }

    private static String url(String trusted) {
        return "jdbc:postgresql://localhost:%d/postgres?sslmode=verify-full&sslrootcert=%s"
                .formatted(server.port(), folder.resolve(trusted + ".crt"));
    }

    private static void serve(String name) {
        server.database()
                .execute(
                        "ALTER SYSTEM SET ssl_cert_file = '%s'"
                                .formatted(folder.resolve(name + ".crt")),
                        "ALTER SYSTEM SET ssl_key_file = '%s'"
                                .formatted(folder.resolve(name + ".key")),
                        "ALTER SYSTEM SET ssl = on",
                        "SELECT pg_reload_conf()");
        await().until(
                        () ->
                                server.database()
                                        .ask(
                                                "SELECT current_setting('ssl') || current_setting('ssl_cert_file')")
                                        .equals("on" + folder.resolve(name + ".crt")));
    }

    /** Makes a key and its certificate, by the tool of the JDK. */
    private static void keytool(String name, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(
                List.of("-genkeypair", "-alias", name, "-dname", "CN=" + name, "-keyalg", "EC"));
        command.addAll(List.of("-keystore", STORE, "-storetype", "PKCS12", "-storepass", PASSWORD));
        command.addAll(List.of(options));
        Process keytool =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
    }

    /** Writes certificates and keys to the files that PostgreSQL and its driver read. */
    private static void export() throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(STORE))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        for (String name : Collections.list(keys.aliases())) {
            pem(name + ".crt", "CERTIFICATE", keys.getCertificate(name).getEncoded());
            byte[] key = keys.getKey(name, PASSWORD.toCharArray()).getEncoded();
            pem(name + ".key", "PRIVATE KEY", key);
        }
    }

    private static void pem(String file, String kind, byte[] content) throws IOException {
        Path path = folder.resolve(file);
        Files.writeString(
                path,
                "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
                        .formatted(kind, Base64.getMimeEncoder().encodeToString(content)));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }
}
