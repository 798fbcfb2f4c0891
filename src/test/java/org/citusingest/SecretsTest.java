package org.citusingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final String PASSWORD = "canary-password";
    private static final String KEY =
            Base64.getEncoder().encodeToString("canary key".getBytes(UTF_8));

    @TempDir private Path folder;

    private static void assertSilent(Run run) {
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out() + run.err())
                .isNotBlank()
                .doesNotContain(PASSWORD)
                .doesNotContain(KEY)
                .doesNotContain("canary");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://localhost:1/db?user=me&password=" + PASSWORD,
                "jdbc:postgresql://me:" + PASSWORD + "@localhost:1/db",
                "jdbc:postgresql://me:" + PASSWORD + "@localhost/db",
                "jdbc:postgresql://localhost:port/db?password=" + PASSWORD,
            })
    void no_command_tells_the_password_of_a_database_that_it_cannot_reach(String url) {
        Workspace workspace = new Workspace(folder).items();
        workspace.set("citus.url", url).set("citus.password", PASSWORD);

        for (String command : new String[] {"status", "check", "load"}) {
            assertSilent(workspace.run(command));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=%s;BlobEndpoint=%s;",
                "DefaultEndpointsProtocol=http;AccountName;AccountKey=%s;BlobEndpoint=%s;",
                "BlobEndpoint=%2$s;SharedAccessSignature=sv=2021-01-01&sig=%1$s",
            })
    void no_command_tells_the_key_of_a_storage_that_refuses_it(String connectionString) {
        Workspace workspace = new Workspace(folder).items();
        String endpoint =
                TestAzurite.connectionString().replaceAll(".*BlobEndpoint=([^;]*);.*", "$1");
        workspace.set("storage.connection-string", connectionString.formatted(KEY, endpoint));

        assertSilent(workspace.run("check"));
        assertSilent(workspace.run("load"));
    }

    @ParameterizedTest
    @CsvSource({"sas, false", "sas, true", "shared-key, true"})
    void no_command_tells_a_signature_that_has_ended_or_is_part_of_an_address(
            String credential, boolean inAddress) {
        Workspace workspace = new Workspace(folder).items();
        String endpoint =
                TestAzurite.connectionString().replaceAll(".*BlobEndpoint=([^;]*);.*", "$1");
        String signature = "sv=2021-01-01&sp=rl&se=2021-02-01&sr=c&sig=canary%2Fsignature";
        workspace
                .set("storage.connection-string", "")
                .set("storage.account", "devstoreaccount1")
                .set("storage.credential", credential)
                .set("storage.sas", signature)
                .set("storage.key", KEY)
                .set("storage.endpoint", inAddress ? endpoint + "?" + signature : endpoint);

        for (String command : List.of("check", "load")) {
            assertSilent(workspace.run(command));
        }
    }

    @Test
    void the_driver_does_not_tell_the_url_that_it_does_not_understand() throws Exception {
        Workspace workspace = new Workspace(folder).items();
        workspace.set("citus.url", "jdbc:postgresql://localhost?password=" + PASSWORD);

        // Its own log goes to the standard error of the process.
        try (ChildApp app =
                ChildApp.start(folder, List.of(), Map.of(), workspace.arguments("load"))) {
            assertThat(app.exitCode()).isOne();
            assertThat(app.out() + app.err())
                    .contains("citus.url (CITUS_URL) is not understood")
                    .doesNotContain("canary")
                    .doesNotContain("org.postgresql");
        }
    }

    @Test
    void a_canary_is_found_in_every_form() {
        Canary canary = new Canary("x", "canary/+ key");
        for (String form :
                List.of(
                        "canary/+ key",
                        "{\"a\":\"canary\\/+ key\"}",
                        "canary%2F%2B+key",
                        Base64.getEncoder().encodeToString("user:canary/+ key".getBytes(UTF_8)),
                        Base64.getEncoder().encodeToString("a canary/+ key".getBytes(UTF_8)),
                        Base64.getUrlEncoder().encodeToString("canary/+ key?".getBytes(UTF_8)))) {
            assertThat(canary.isSeenIn("<" + form + ">")).as(form).isTrue();
        }
        assertThat(canary.isSeenIn("canary")).isFalse();
    }

    /** What the routes of a file may hold that somebody should not have written there. */
    private static final List<String> BROKEN =
            List.of(
                    route("to: \"http://me:canary-in-a-route@x?password=canary-in-a-route\""),
                    route("to: \"citus:item?password=canary-in-a-route\""),
                    route("to: \"log:x?level=INFO&accessKey=RAW(canary-in-a-route)\""),
                    route(
                            "to: \"azure-storage-queue:a/b?accessKey=canary-in-a-route&unknown=true\""),
                    route("to: \"azure-storage-queue:a/b?credentials=canary-in-a-route\""),
                    route("to: { uri: citus:item, parameters: { sasToken: canary-in-a-route } }"),
                    route("to: \"citus:item?password=canary-in-a-route"),
                    route("too: \"citus:item?password=canary-in-a-route\""),
                    route("to: \"pgevent://me:canary-in-a-route@x/y\""),
                    route("to: \"jdbc:other?password=canary-in-a-route\""));

    private static String route(String step) {
        return "- route:\n    id: broken\n    from:\n      uri: direct:broken\n      steps:\n        - %s\n"
                .formatted(step);
    }

    @Test
    void no_command_tells_what_a_broken_route_file_holds() {
        Workspace workspace = new Workspace(folder).items();
        for (int i = 0; i < BROKEN.size(); i++) {
            workspace.route("broken-%d.camel.yaml".formatted(i), BROKEN.get(i));
        }

        for (String command : List.of("check", "load", "status")) {
            Run run = workspace.run(command);
            assertThat(run.out() + run.err())
                    .contains("broken-0.camel.yaml")
                    .contains("broken-%d.camel.yaml".formatted(BROKEN.size() - 1))
                    .doesNotContain("canary");
        }
    }

    @Test
    void nothing_that_a_running_application_shows_holds_a_secret() throws Exception {
        try (WatchedApp app = WatchedApp.start(folder)) {
            List<Canary> canaries = app.canaries();

            app.outputs()
                    .forEach(
                            (name, text) -> {
                                assertThat(text).as(name).isNotEmpty();
                                assertThat(Canary.seenIn(text, canaries)).as(name).isEmpty();
                            });
        }
    }
}
