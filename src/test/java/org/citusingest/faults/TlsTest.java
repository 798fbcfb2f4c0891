package org.citusingest.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.citusingest.OwnServer;
import org.citusingest.TestDatabase;
import org.citusingest.Workspace;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code sslmode=verify-full} in the URL of a server whose certificate is not the right one. */
@Timeout(120)
class TlsTest {
    private static final String STORE = "keys.p12";
    private static final String PASSWORD = "changeit";

    /** A server, what is trusted of it, and what is then said. */
    private enum Fault {
        ANOTHER_AUTHORITY(
                "good", "another", "unable to find valid certification path", "sslrootcert"),
        NO_AUTHORITY("good", "missing", "missing.crt", "sslrootcert"),
        ANOTHER_HOST("elsewhere", "ca", "localhost", "is of another host"),
        EXPIRED("old", "ca", "validity check failed", "renew it"),
        NO_ENCRYPTION("good", "ca", "does not support SSL", "switch ssl on");

        private final String served;
        private final String trusted;
        private final String told;
        private final String advice;

        Fault(String served, String trusted, String told, String advice) {
            this.served = served;
            this.trusted = trusted;
            this.told = told;
            this.advice = advice;
        }

        String database() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @TempDir private static Path folder;
    private static final Map<String, OwnServer> SERVERS = new HashMap<>();
    private static final Map<Fault, IngestProcess> LOADS = new EnumMap<>(Fault.class);
    private static FaultProxy clear;

    @BeforeAll
    static void startServers() throws Exception {
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
        for (String name : new String[] {"good", "elsewhere", "old"}) {
            SERVERS.put(name, serve(name));
        }
        // It tells whoever asks that there is no encryption.
        clear = FaultProxy.before("localhost", SERVERS.get("good").port());
        // Each is tried for ten seconds: all at once.
        for (Fault fault : Fault.values()) {
            LOADS.put(fault, IngestProcess.of(workspace(fault)).load());
        }
    }

    @AfterAll
    static void stopServers() throws Exception {
        LOADS.values().forEach(IngestProcess::close);
        clear.close();
        for (OwnServer server : SERVERS.values()) {
            server.close();
        }
    }

    @Test
    void a_certificate_that_is_trusted_and_of_this_host_is_taken_for_all_sessions(
            @TempDir Path work) {
        OwnServer server = SERVERS.get("good");
        TestDatabase database = server.database("taken");
        database.execute(
                "CREATE ROLE loader LOGIN SUPERUSER",
                "CREATE TABLE session (encrypted boolean)",
                """
                CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO session SELECT ssl FROM pg_stat_ssl
                    WHERE pid = pg_backend_pid() AND session_user = 'loader';
                END $$
                """,
                "CREATE EVENT TRIGGER noted ON login EXECUTE FUNCTION note()");
        Workspace workspace = new Workspace(work, database).items();
        workspace.set("citus.url", url(server, "taken", "ca")).set("citus.user", "loader");
        workspace.upload("items/a.csv", "id,name\n1,one\n");

        Run run = workspace.run("load");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(workspace.itemRows()).containsExactly("1|one");
        assertThat(database.rows("SELECT DISTINCT encrypted FROM session")).containsExactly("t");
    }

    @ParameterizedTest
    @EnumSource
    void anything_else_is_refused_in_one_line_before_a_session_begins(Fault fault)
            throws Exception {
        IngestProcess load = LOADS.get(fault);

        assertThat(load.exitCode()).isOne();
        assertThat(load.output().strip())
                .startsWith("citus-ingest load: No connection to jdbc:postgresql://")
                .contains(fault.told)
                .contains(fault.advice)
                .doesNotContain("\n");
        TestDatabase server = SERVERS.get(fault.served).database();
        assertThat(
                        server.ask(
                                "SELECT sessions FROM pg_stat_database WHERE datname = '%s'"
                                        .formatted(fault.database())))
                .isEqualTo("0");
    }

    @Test
    void a_server_that_is_refused_is_not_asked_without_end() throws Exception {
        assertThat(LOADS.get(Fault.NO_ENCRYPTION).exitCode()).isOne();

        assertThat(clear.accepted()).isBetween(1, 20);
    }

    private static Workspace workspace(Fault fault) {
        OwnServer server = SERVERS.get(fault.served);
        server.database().execute("CREATE DATABASE " + fault.database());
        Workspace workspace = new Workspace(folder.resolve(fault.name()), server.database());
        String url = url(server, fault.database(), fault.trusted);
        return workspace.set(
                "citus.url",
                fault == Fault.NO_ENCRYPTION
                        ? url.replaceFirst(":\\d+/", ":" + clear.port() + "/")
                        : url);
    }

    private static String url(OwnServer server, String database, String trusted) {
        return "jdbc:postgresql://localhost:%d/%s?sslmode=verify-full&sslrootcert=%s"
                .formatted(server.port(), database, folder.resolve(trusted + ".crt"));
    }

    /** Starts a server with this certificate. */
    private static OwnServer serve(String name) throws IOException {
        OwnServer server = new OwnServer(folder.resolve("server-" + name)).start();
        server.database()
                .execute(
                        "ALTER SYSTEM SET ssl_cert_file = '%s'"
                                .formatted(folder.resolve(name + ".crt")),
                        "ALTER SYSTEM SET ssl_key_file = '%s'"
                                .formatted(folder.resolve(name + ".key")),
                        "ALTER SYSTEM SET ssl = on",
                        "SELECT pg_reload_conf()");
        await().until(() -> server.database().ask("SHOW ssl").equals("on"));
        return server;
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
