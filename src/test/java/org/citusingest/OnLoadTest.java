package org.citusingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.core.ThrowingRunnable;
import org.citusingest.demo.SampleData;
import org.citusingest.demo.SampleSchema;
import org.citusingest.demo.SummaryCheck;
import org.citusingest.ledger.Ledger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example routes/examples/on-load.camel.yaml as it is shipped. */
class OnLoadTest {
    private static final String LISTENERS =
            "pg_stat_activity WHERE application_name = 'pgevent citus_ingest' AND datname = current_database()";

    @TempDir private Path folder;
    private Workspace workspace;

    /** A route that loads and leaves the summary to the example. */
    @BeforeEach
    void newWorkspace() throws IOException {
        workspace = new Workspace(folder);
        SampleSchema.install(workspace.database.dataSource());
        new Ledger(workspace.database.dataSource()).install();
        workspace.route(
                "http-requests.camel.yaml",
                workspace
                        .itemsRoute("")
                        .replace("routeId: items", "routeId: http-requests")
                        .replace("value: item }", "value: http_request }"));
        workspace.route(
                "on-load.camel.yaml",
                Files.readString(Path.of("routes/examples/on-load.camel.yaml")));
    }

    private void upload(int part) {
        workspace.upload(
                "items/%d.csv".formatted(part),
                new String(new SampleData(3, 500).blobs().get(part).bytes(), UTF_8));
    }

    private static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(assertion);
    }

    private void awaitSummaryOf(long rows) {
        awaitThat(
                () -> {
                    SummaryCheck summary = SummaryCheck.of(workspace.database.dataSource());
                    assertThat(summary.requests()).isEqualTo(rows);
                    assertThat(summary.equal()).isTrue();
                });
    }

    @Test
    void tells_of_a_failed_load_and_sees_to_the_summaries_of_others_and_of_those_it_missed()
            throws Exception {
        try (ChildApp child =
                ChildApp.start(folder, List.of("-Xmx256m"), Map.of(), workspace.arguments("run"))) {
            awaitThat(() -> assertThat(workspace.database.count(LISTENERS)).isEqualTo(1));
            upload(0);
            awaitSummaryOf(500);
            workspace.upload("items/bad.csv", "site_id,no_such_column\n1,x\n");
            awaitThat(
                    () ->
                            assertThat(child.err())
                                    .contains(
                                            "WARN  on-load {\"load\":2,\"pipeline\":\"http-requests\",\"state\":\"failed\""));

            // Nobody hears of this load; what ends the session makes the route look.
            workspace.database.execute(
                    "UPDATE citus_ingest.load SET summarized_at = NULL",
                    "DELETE FROM http_request_1min",
                    "SELECT pg_terminate_backend(pid) FROM " + LISTENERS);
            awaitSummaryOf(500);
            awaitThat(() -> assertThat(workspace.database.count(LISTENERS)).isEqualTo(1));

            upload(1);
            awaitSummaryOf(1000);
            child.terminate();
            assertThat(child.exitCode()).isZero();
            assertThat(child.err())
                    .doesNotContain("ERROR")
                    .doesNotContain("WARN  NotificationConsumer");
        }
        awaitThat(() -> assertThat(workspace.database.count(LISTENERS)).isZero());
    }

    @Test
    void is_found_usable_by_the_check() {
        assertThat(workspace.run("check").out()).contains("routes [on-load]");
    }
}
