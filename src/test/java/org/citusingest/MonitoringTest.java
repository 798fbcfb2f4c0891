package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.azure.storage.blob.BlobClient;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.Query;
import javax.management.QueryExp;
import org.awaitility.core.ThrowingRunnable;
import org.citusingest.cli.Ingest;
import org.citusingest.ledger.FoundBlob;
import org.citusingest.monitoring.Pages;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What is seen of an application that has loaded two blobs, failed at one and rejected a row. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MonitoringTest {
    private static final Pattern METRIC =
            Pattern.compile("\\b(citus_ingest_\\w+|hikaricp_\\w+|jvm_\\w+)(?:\\{([^}]*)})?");

    private final MBeanServer jmx = ManagementFactory.getPlatformMBeanServer();
    private final Pages pages = Pages.atFreePort();
    private Workspace workspace;
    private Ingest app;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        workspace = new Workspace(folder).items();
        pages.properties().forEach(workspace::set);
        workspace
                .upload("items/a.csv", "id,name\n1,one\n2,two\n")
                .upload("items/b.csv", "id,name\n3,three\n")
                .upload("items/canary.csv", "id,name\n-4,four\n");
        app = open();
        assertThat(app.run()).hasSize(1);
        awaitThat(() -> assertThat(metric("loads_total", "state=\"failed\"")).isEqualTo(1));
        awaitThat(() -> assertThat(metric("ledger_loads", "state=\"failed\"")).isEqualTo(1));
        awaitThat(() -> assertThat(metric("loads_total", "state=\"loaded\"")).isEqualTo(2));
    }

    private Ingest open() {
        return new IngestApplication(
                new Ingest.Options(Optional.of(workspace.config()), Optional.empty(), Map.of()));
    }

    @AfterAll
    void stop() {
        app.close();
    }

    private static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(assertion);
    }

    private String metrics() {
        return pages.get("/observe/metrics").body();
    }

    /** The value of a metric of the pipeline, with these labels too; -1 where there is none. */
    private double metric(String name, String labels) {
        return metrics()
                .lines()
                .filter(line -> line.startsWith("citus_ingest_" + name + "{"))
                .filter(line -> line.contains("pipeline=\"items\"") && line.contains(labels))
                .map(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElse(-1.0);
    }

    private static ObjectName bean() throws Exception {
        return new ObjectName("org.citusingest:context=citus-ingest,type=pipelines,name=\"items\"");
    }

    private Object attribute(String name) throws Exception {
        return jmx.getAttribute(bean(), name);
    }

    private Object invoke(String operation) throws Exception {
        return jmx.invoke(bean(), operation, new Object[0], new String[0]);
    }

    @Test
    @Order(1)
    void the_metrics_count_what_was_loaded_and_name_no_blob() {
        assertThat(metric("rows_total", "")).isEqualTo(3);
        assertThat(metric("bytes_total", "")).isEqualTo(20 + 16);
        assertThat(metric("claims_total", "")).isEqualTo(3);
        assertThat(metric("batches_total", "")).isGreaterThanOrEqualTo(2);
        // The two may have shared one.
        assertThat(metric("copy_seconds_count", "")).isPositive();
        assertThat(metric("load_seconds_count", "")).isEqualTo(2);
        assertThat(metric("loads_without_event_total", "")).isEqualTo(2);
        assertThat(metric("event_to_visible_seconds_count", "")).isZero();
        assertThat(metric("ledger_oldest_seconds", "")).isZero();
        assertThat(metric("ledger_last_load_timestamp_seconds", "")).isPositive();
        assertThat(metrics())
                .contains("hikaricp_connections_active{pool=\"citus\"}", "jvm_memory_used_bytes")
                .contains("citus_ingest_ledger_up 1", "citus_ingest_broken_route_files 0")
                .doesNotContain("canary", ".csv");
    }

    private static List<String> queries() throws IOException {
        List<String> queries = new ArrayList<>();
        JsonNode grafana = new ObjectMapper().readTree(Path.of("deploy/grafana.json").toFile());
        grafana.findValues("expr").forEach(node -> queries.add(node.asText()));
        Files.readAllLines(Path.of("deploy/alerts.yaml")).stream()
                .map(String::strip)
                .filter(line -> line.startsWith("expr: "))
                .forEach(queries::add);
        return queries;
    }

    @Test
    @Order(1)
    void every_query_of_the_dashboard_and_the_alerts_asks_for_what_is_served() throws Exception {
        String served = metrics();
        Set<String> asked = new TreeSet<>();
        for (String query : queries()) {
            Matcher metric = METRIC.matcher(query);
            while (metric.find()) {
                String name = metric.group(1);
                asked.add(name);
                List<String> lines =
                        served.lines().filter(line -> line.matches(name + "[ {].*")).toList();
                assertThat(lines).as(name + " in " + query).isNotEmpty();
                labels(query, metric)
                        .forEach(
                                label ->
                                        assertThat(lines)
                                                .as(label + " of " + name)
                                                .anyMatch(line -> line.contains(label + "=\"")));
            }
        }
        Set<String> ours =
                new TreeSet<>(
                        served.lines()
                                .filter(line -> line.startsWith("# TYPE citus_ingest_"))
                                .map(line -> line.split(" ", -1)[2])
                                .filter(name -> !name.endsWith("_max"))
                                .toList());
        assertThat(ours)
                .allSatisfy(
                        name ->
                                assertThat(asked)
                                        .as("shown by the dashboard or an alert")
                                        .anyMatch(one -> one.startsWith(name)));
    }

    /** The labels that it is selected by, and those that the query groups by. */
    private static Stream<String> labels(String query, Matcher metric) {
        Set<String> labels = new TreeSet<>();
        if (metric.group(2) != null) {
            for (String one : metric.group(2).split(",", -1)) {
                labels.add(one.replaceAll("[=!~].*", "").strip());
            }
        }
        Matcher by = Pattern.compile("by \\(([^)]*)\\)").matcher(query);
        while (by.find()) {
            labels.addAll(List.of(by.group(1).split(", *", -1)));
        }
        // Prometheus adds these.
        labels.removeAll(Set.of("instance", "job"));
        return labels.stream();
    }

    @Test
    @Order(1)
    void prometheus_itself_takes_the_alerts_and_the_metrics() throws Exception {
        Optional<Path> promtool =
                Stream.of(System.getenv("PATH").split(":", -1))
                        .map(folder -> Path.of(folder, "promtool"))
                        .filter(Files::isExecutable)
                        .findFirst();
        assumeTrue(
                promtool.isPresent(),
                "promtool is not installed: it comes with the Debian package prometheus");
        Path metrics = Files.writeString(workspace.folder.resolve("metrics.txt"), metrics());

        assertThat(runs(promtool.get(), null, "check", "rules", "deploy/alerts.yaml")).isZero();
        assertThat(runs(promtool.get(), metrics, "check", "metrics")).isIn(0, 3);
    }

    private int runs(Path program, Path in, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        if (in != null) {
            builder.redirectInput(in.toFile());
        }
        return builder.redirectErrorStream(true)
                .redirectOutput(workspace.folder.resolve("promtool.out").toFile())
                .start()
                .waitFor();
    }

    @Test
    @Order(1)
    void the_pipeline_is_an_mbean() throws Exception {
        assertThat(attribute("Loads")).isEqualTo(2L);
        assertThat(attribute("Rows")).isEqualTo(3L);
        assertThat(attribute("RejectedRows")).isEqualTo(0L);
        assertThat(attribute("Bytes")).isEqualTo(36L);
        assertThat(attribute("FailedLoads")).isEqualTo(1L);
        assertThat(attribute("WaitingLoads")).isEqualTo(0L);
        assertThat(attribute("InFlight")).isEqualTo(0);
        assertThat(attribute("OldestWaitingSeconds")).isEqualTo(0.0);
        assertThat(attribute("LastLoad").toString()).startsWith("20");
        assertThat(attribute("LastError").toString()).contains("23514");
        assertThat(attribute("Paused")).isEqualTo(false);
    }

    @Test
    @Order(2)
    void it_is_paused_resumed_and_what_failed_is_tried_again() throws Exception {
        invoke("pause");
        assertThat(attribute("Paused")).isEqualTo(true);
        workspace.upload("items/canary.csv", "id,name\n4,four\n");
        workspace.database.execute("ALTER TABLE item DROP CONSTRAINT item_id_check");
        assertThat(workspace.itemRows()).hasSize(3);

        invoke("resume");
        awaitThat(() -> assertThat(workspace.itemRows()).contains("4|four"));
        assertThat(attribute("Paused")).isEqualTo(false);
        assertThat(workspace.loads("state")).contains("failed");

        assertThat(invoke("retryFailed")).isEqualTo(1);
        awaitThat(() -> assertThat(workspace.loads("state")).doesNotContain("failed"));
    }

    @Test
    @Order(3)
    void it_sweeps_at_once_and_goes_with_its_file() throws Exception {
        workspace.route(
                "items.camel.yaml", workspace.itemsRoute("").replace("\"200\"", "\"3600000\""));
        ObjectName routes = new ObjectName("org.apache.camel:type=routes,name=\"items\",*");
        QueryExp slow = Query.anySubString(Query.attr("EndpointUri"), Query.value("3600000"));
        awaitThat(() -> assertThat(jmx.queryNames(routes, slow)).hasSize(1));
        workspace.upload("items/c.csv", "id,name\n6,six\n");
        awaitThat(
                () -> {
                    invoke("sweepNow");
                    assertThat(workspace.itemRows()).contains("6|six");
                });

        Files.delete(workspace.routes.resolve("items.camel.yaml"));
        awaitThat(() -> assertThat(jmx.isRegistered(bean())).isFalse());
    }

    @Test
    @Order(4)
    void another_one_at_the_same_port_does_not_start_and_a_load_needs_none() throws Exception {
        try (Ingest other = open()) {
            assertThatThrownBy(other::run).hasMessageContaining("port " + pages.port());
        }
        workspace.route("items.camel.yaml", workspace.itemsRoute(""));
        workspace.set("management.port", "x");
        assertThat(workspace.run("load").code()).isZero();
    }

    @Test
    @Order(99)
    void the_time_from_an_event_to_its_rows_is_measured() {
        // Outside of what is listed, so that the event is first.
        workspace.upload("told/e.csv", "id,name\n5,five\n");
        BlobClient blob = workspace.container.getBlobClient("told/e.csv");
        String etag = blob.getProperties().getETag().replace("\"", "");
        app.ledger()
                .register(
                        "items",
                        blob.getAccountName(),
                        blob.getContainerName(),
                        new FoundBlob("told/e.csv", etag, 15, null),
                        Instant.now());

        awaitThat(() -> assertThat(metric("event_to_visible_seconds_count", "")).isEqualTo(1));
        assertThat(metric("event_to_visible_seconds_sum", "")).isPositive();
    }

    @Test
    @Order(100)
    void jolokia_is_there_when_asked_for_behind_the_login_only() throws Exception {
        assertThat(pages.get("/observe/jolokia/version").statusCode()).isEqualTo(404);
        app.close();
        pages.properties().forEach(workspace::set);
        workspace.set("management.jolokia", "true");
        app = open();
        app.run();

        assertThat(pages.get("/observe/jolokia/read/org.citusingest:*").body())
                .contains("type=pipelines");
        assertThat(pages.getAsStranger("/observe/jolokia/version").statusCode()).isEqualTo(401);
    }
}
