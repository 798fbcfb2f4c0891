package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final String PASSWORD = "canary-password";
    private static final String KEY =
            Base64.getEncoder().encodeToString("canary key".getBytes(StandardCharsets.UTF_8));

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
}
