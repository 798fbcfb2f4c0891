package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.QueueServiceClient;
import com.azure.storage.queue.QueueServiceClientBuilder;
import com.azure.storage.queue.models.QueueMessageItem;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.core.ThrowingRunnable;
import org.citusingest.demo.Azurite;
import org.citusingest.monitoring.Pages;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The route blob-events as it is shipped, with a queue and an application of its own. No pipeline
 * polls within the time of a test: what is loaded was told of.
 */
class BlobEventsRouteTest {
    private static Azurite queues;

    @TempDir private Path folder;
    private final String queueName = "events-" + UUID.randomUUID();
    private Workspace workspace;
    private QueueServiceClient service;
    private QueueClient queue;
    private final Pages pages = Pages.atFreePort();
    private ChildApp app;

    @BeforeAll
    static void startQueues() {
        queues =
                Azurite.startQueues(
                        TestAzurite.INSTALL,
                        Path.of(
                                "target",
                                "azurite-queues",
                                String.valueOf(ProcessHandle.current().pid())));
    }

    @AfterAll
    static void stopQueues() {
        queues.close();
    }

    @BeforeEach
    void newWorkspace() throws Exception {
        workspace = new Workspace(folder).items();
        workspace.route(
                "items.camel.yaml",
                workspace.itemsRoute("").replace("value: \"200\"", "value: \"3600000\""));
        workspace.route(
                "blob-events.camel.yaml",
                Files.readString(Path.of("routes/blob-events.camel.yaml")));
        String connection = TestAzurite.connectionString() + queues.endpoint();
        workspace.set("storage.connection-string", connection);
        workspace.set("blob-events.enabled", "true");
        workspace.set("blob-events.queue", queueName);
        pages.properties().forEach(workspace::set);
        service = new QueueServiceClientBuilder().connectionString(connection).buildClient();
        queue = service.createQueue(queueName);
        app = run();
    }

    private ChildApp run() {
        ChildApp child =
                ChildApp.start(folder, List.of("-Xmx256m"), Map.of(), workspace.arguments("run"));
        // The first poll of the pipeline has been.
        awaitThat(() -> assertThat(child.err()).contains("routes=[items]"));
        awaitThat(
                () ->
                        assertThat(workspace.database.count("citus_ingest.ledger_version"))
                                .isPositive());
        return child;
    }

    @AfterEach
    void stop() {
        app.close();
    }

    private static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .untilAsserted(assertion);
    }

    private String event(String blob) {
        return """
        {"topic":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/%1$s",
         "subject":"/blobServices/default/containers/%2$s/blobs/%3$s","eventType":"Microsoft.Storage.BlobCreated",
         "eventTime":"2026-11-25T01:02:03Z","id":"1","dataVersion":"","metadataVersion":"1",
         "data":{"api":"PutBlob","contentType":"text/csv","contentLength":1,"blobType":"BlockBlob","eTag":"0xSTALE",
                 "url":"%4$s/%2$s/%3$s"}}
        """
                .formatted(
                        workspace.container.getAccountName(),
                        workspace.container.getBlobContainerName(),
                        blob,
                        workspace.container.getServiceClient().getAccountUrl());
    }

    private void tell(String message) {
        queue.sendMessage(
                Base64.getEncoder().encodeToString(message.getBytes(StandardCharsets.UTF_8)));
    }

    private void awaitEmptyQueue() {
        awaitThat(
                () -> assertThat(queue.getProperties().getApproximateMessagesCountLong()).isZero());
    }

    @Test
    void loads_a_blob_when_its_event_comes_and_once_however_often_it_comes() {
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        for (int i = 0; i < 10; i++) {
            tell(event("items/a.csv"));
        }
        workspace.upload("items/b.csv", "id,name\n2,two\n");
        tell("[" + event("items/b.csv") + "," + event("items/a.csv") + "]");

        awaitThat(() -> assertThat(workspace.itemRows()).containsExactly("1|one", "2|two"));
        awaitEmptyQueue();
        assertThat(workspace.itemRows()).containsExactly("1|one", "2|two");
        assertThat(workspace.loads("blob, state, event_at = '2026-11-25T01:02:03Z'"))
                .containsExactly("items/a.csv|loaded|t", "items/b.csv|loaded|t");
    }

    @Test
    void a_stale_event_brings_what_is_there_now_and_a_deleted_blob_nothing() {
        workspace.upload("items/gone.csv", "id,name\n9,nine\n");
        workspace.container.getBlobClient("items/gone.csv").delete();
        tell(event("items/gone.csv"));
        tell(event("items/gone.csv").replace("BlobCreated", "BlobDeleted"));
        tell(event("elsewhere/not-included.csv"));
        workspace.upload("items/a.csv", "id,name\n1,old\n");
        workspace.upload("items/a.csv", "id,name\n1,new\n");
        tell(event("items/a.csv"));

        awaitThat(() -> assertThat(workspace.itemRows()).containsExactly("1|new"));
        awaitEmptyQueue();
        assertThat(workspace.loads("blob")).containsExactly("items/a.csv");
    }

    @Test
    void messages_that_can_never_be_taken_are_put_aside_with_the_reason() throws Exception {
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        tell("no event");
        tell(event("items/a.csv").replace("storageAccounts/", "storageAccounts/x"));
        tell(event("items/a.csv").replace("\"url\":\"http:", "\"url\":\"https://evil.example"));
        tell("{\"x\":\"" + "y".repeat(40_000) + "\"}");
        queue.sendMessage("not base64 at all!");
        tell(event("items/a.csv"));

        awaitThat(() -> assertThat(workspace.itemRows()).containsExactly("1|one"));
        QueueClient poison = service.getQueueClient(queueName + "-poison");
        List<JsonNode> aside = new ArrayList<>();
        awaitThat(
                () -> {
                    for (QueueMessageItem message : poison.receiveMessages(32)) {
                        aside.add(new ObjectMapper().readTree(message.getBody().toString()));
                    }
                    assertThat(aside).hasSize(5);
                });
        assertThat(aside)
                .allSatisfy(
                        message -> {
                            assertThat(message.get("reason").asText()).isNotEmpty();
                            assertThat(message.get("sha256").asText()).hasSize(64);
                            assertThat(message.get("dequeueCount").asInt()).isEqualTo(1);
                        });
        assertThat(workspace.loads("blob, state")).containsExactly("items/a.csv|loaded");
    }

    @Test
    void a_message_waits_while_the_database_is_away_and_is_not_lost() {
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        workspace.database.execute("ALTER TABLE citus_ingest.load RENAME TO away");
        tell(event("items/a.csv"));
        awaitThat(() -> assertThat(app.err()).contains("A blob event waits, and is tried again"));
        workspace.database.execute("ALTER TABLE citus_ingest.away RENAME TO load");

        assertThat(queue.getProperties().getApproximateMessagesCountLong()).isEqualTo(1);
    }

    @Test
    void check_finds_the_queue_and_says_when_it_is_missing_unless_events_are_off() {
        assertThat(workspace.run("check").lines())
                .anyMatch(line -> line.startsWith("ok     queue " + queueName + ": "))
                .noneMatch(line -> line.startsWith("wrong"));

        workspace.set("blob-events.queue", "not-there");
        assertThat(workspace.run("check").lines())
                .contains(
                        "wrong  queue not-there: 404 QueueNotFound: create it, or name another in BLOB_EVENTS_QUEUE");

        workspace.set("blob-events.enabled", "false");
        assertThat(workspace.run("check").code()).isZero();
    }

    @Test
    void a_sweep_that_a_schedule_asks_for_looks_at_once() {
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        workspace.route(
                "nightly.camel.yaml",
                """
                - route:
                    id: nightly
                    from:
                      uri: quartz:nightly
                      parameters: { cron: "* * * * * ?" }
                      steps:
                        - to: { uri: "blobs:*", parameters: { operation: sweep } }
                """);

        awaitThat(() -> assertThat(workspace.itemRows()).containsExactly("1|one"));
    }

    @Test
    void a_process_that_hears_no_events_is_woken_by_what_another_has_registered() throws Exception {
        app.close();
        workspace.set("blob-events.enabled", "false");
        try (ChildApp second = run()) {
            assertThat(second.isAlive()).isTrue();
            workspace.upload("items/a.csv", "id,name\n1,one\n");
            workspace.database.execute(
                    """
                    INSERT INTO citus_ingest.load (pipeline, account, container, blob, etag, size_bytes, state)
                    VALUES ('items', '%s', '%s', 'items/a.csv', '%s', 14, 'waiting')
                    """
                            .formatted(
                                    workspace.container.getAccountName(),
                                    workspace.container.getBlobContainerName(),
                                    workspace
                                            .container
                                            .getBlobClient("items/a.csv")
                                            .getProperties()
                                            .getETag()
                                            .replace("\"", "")));

            awaitThat(
                    () -> {
                        workspace.database.execute("NOTIFY citus_ingest_waiting, 'items'");
                        assertThat(workspace.itemRows()).containsExactly("1|one");
                    });
        }
    }

    @Test
    void an_event_of_a_clock_that_is_ahead_is_as_good() {
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        tell(event("items/a.csv").replace("2026-11-25", "2999-01-01"));

        awaitThat(() -> assertThat(workspace.itemRows()).containsExactly("1|one"));
        awaitThat(
                () ->
                        assertThat(pages.get("/observe/metrics").body())
                                .containsPattern(
                                        "event_to_visible_seconds_count\\{[^}]*\"items\"[^}]*} 1"));
        assertThat(app.err()).doesNotContain("negative");
    }

    @Test
    void a_queue_that_is_gone_is_down_until_it_is_back() {
        awaitThat(() -> assertThat(health("status")).isEqualTo("UP"));
        queue.delete();
        awaitThat(() -> assertThat(health("reason")).isEqualTo("not-found"));

        queue.create();

        awaitThat(() -> assertThat(health("status")).isEqualTo("UP"));
    }

    private String health(String of) {
        return Pages.check(pages.get("/observe/health"), "queue:blob-events").get(of).asText();
    }
}
