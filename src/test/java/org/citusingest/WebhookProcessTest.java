package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example blob-webhook as it is shipped, in the application. */
class WebhookProcessTest {
    private static final String SECRET = "the secret of the test";

    @TempDir private Path folder;
    private Workspace workspace;
    private int port;

    @BeforeEach
    void newWorkspace() throws IOException {
        workspace = new Workspace(folder).items();
        workspace.route(
                "items.camel.yaml",
                workspace.itemsRoute("").replace("value: \"200\"", "value: \"3600000\""));
        workspace.route(
                "blob-webhook.camel.yaml",
                Files.readString(Path.of("routes/examples/blob-webhook.camel.yaml")));
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        workspace.set("webhook.port", String.valueOf(port));
    }

    private static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .untilAsserted(assertion);
    }

    private int post(String secret, String body) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + port + "/events/blob"))
                                .header("Content-Type", "application/json")
                                .header("X-Webhook-Secret", secret)
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    private String event(String blob) {
        String container = workspace.container.getBlobContainerName();
        return """
        [{"topic":"/x/providers/Microsoft.Storage/storageAccounts/%s","eventType":"Microsoft.Storage.BlobCreated",
          "subject":"/blobServices/default/containers/%s/blobs/%s","eventTime":"2026-11-25T01:02:03Z",
          "data":{"url":"%s/%s"}}]
        """
                .formatted(
                        workspace.container.getAccountName(),
                        container,
                        blob,
                        workspace.container.getBlobContainerUrl(),
                        blob);
    }

    @Test
    void loads_a_blob_that_a_request_tells_of_and_asks_to_come_again_without_a_database()
            throws Exception {
        workspace.set("webhook.secret", SECRET);
        try (ChildApp app =
                ChildApp.start(folder, List.of("-Xmx256m"), Map.of(), workspace.arguments("run"))) {
            awaitThat(() -> assertThat(app.err()).contains("routes=[items]"));
            workspace.upload("items/a.csv", "id,name\n1,one\n");
            assertThat(post("another secret of the test", event("items/a.csv"))).isEqualTo(401);
            assertThat(
                            post(
                                    SECRET,
                                    event("items/a.csv")
                                            .replace("storageAccounts/", "storageAccounts/x")))
                    .isEqualTo(400);

            awaitThat(() -> assertThat(post(SECRET, event("items/a.csv"))).isEqualTo(200));
            awaitThat(() -> assertThat(workspace.itemRows()).containsExactly("1|one"));

            workspace.upload("items/b.csv", "id,name\n2,two\n");
            workspace.database.execute("ALTER TABLE citus_ingest.load RENAME TO away");
            assertThat(post(SECRET, event("items/b.csv"))).isEqualTo(503);
            workspace.database.execute("ALTER TABLE citus_ingest.away RENAME TO load");
            assertThat(post(SECRET, event("items/b.csv"))).isEqualTo(200);
            awaitThat(() -> assertThat(workspace.itemRows()).containsExactly("1|one", "2|two"));
            assertThat(app.err()).doesNotContain(SECRET);
        }
    }

    @Test
    void nothing_is_served_where_no_sender_is_set_nor_by_load_and_check() throws Exception {
        Workspace.Run run = workspace.run("check");
        assertThat(run.out() + run.err()).contains("set WEBHOOK_SECRET or WEBHOOK_TENANT");

        workspace.set("webhook.secret", SECRET);
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();
            workspace.upload("items/a.csv", "id,name\n1,one\n");
            Workspace.Run load = workspace.run("load");
            assertThat(load.err()).isEmpty();
            assertThat(load.code()).isZero();
            assertThat(workspace.itemRows()).containsExactly("1|one");
        }
    }
}
