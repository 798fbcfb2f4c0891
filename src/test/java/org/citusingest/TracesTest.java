package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.citusingest.faults.IngestProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process with a receiver of traces, and one without. */
class TracesTest {
    @TempDir private Path folder;

    private Workspace workspace() {
        Workspace workspace = new Workspace(folder).items();
        workspace.route(
                "items.camel.yaml",
                workspace.itemsRoute("      - { name: summary, value: \"SELECT 1\" }\n"));
        return workspace.upload("items/canary.csv", "id,name\n1,one\n2,two\n");
    }

    /** What a process tells of the load of its workspace. */
    private List<Span> spans(Workspace workspace, String state) throws Exception {
        List<byte[]> received = new CopyOnWriteArrayList<>();
        HttpServer receiver =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext(
                "/v1/traces",
                exchange -> {
                    received.add(exchange.getRequestBody().readAllBytes());
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        receiver.start();
        try (IngestProcess process =
                IngestProcess.of(workspace)
                        .environment(
                                "OTEL_EXPORTER_OTLP_ENDPOINT",
                                "http://127.0.0.1:" + receiver.getAddress().getPort())
                        .run()) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> process.output().contains("state=" + state));
            process.terminate();
            assertThat(process.exitCode()).isZero();
        } finally {
            receiver.stop(0);
        }
        List<Span> spans = new ArrayList<>();
        for (byte[] request : received) {
            for (ResourceSpans of : TracesData.parseFrom(request).getResourceSpansList()) {
                assertThat(of.getResource().toString()).contains("citus-ingest");
                of.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList()));
            }
        }
        assertThat(spans.toString()).doesNotContain("canary");
        return spans;
    }

    private static Span load(List<Span> spans) {
        return spans.stream().filter(span -> span.getName().equals("load")).findAny().orElseThrow();
    }

    @Test
    void a_load_is_one_trace_with_its_work() throws Exception {
        List<Span> spans = spans(workspace(), "loaded");
        Span load = load(spans);

        assertThat(spans)
                .extracting(Span::getName)
                .containsExactlyInAnyOrder("load", "read", "parse", "copy", "commit", "summary");
        assertThat(spans).extracting(Span::getTraceId).containsOnly(load.getTraceId());
        assertThat(spans)
                .filteredOn(span -> !span.equals(load))
                .allSatisfy(
                        span -> {
                            assertThat(span.getParentSpanId()).isEqualTo(load.getSpanId());
                            assertThat(span.getEndTimeUnixNano())
                                    .isBetween(
                                            span.getStartTimeUnixNano(), load.getEndTimeUnixNano());
                        });
        assertThat(load.getAttributesList())
                .extracting(KeyValue::getKey)
                .containsExactlyInAnyOrder(
                        "citus_ingest.pipeline",
                        "citus_ingest.load",
                        "citus_ingest.attempt",
                        "citus_ingest.bytes",
                        "citus_ingest.rows",
                        "citus_ingest.rejected_rows");
    }

    @Test
    void a_load_of_a_source_that_claims_none_has_its_summary_too() throws Exception {
        Workspace workspace = new Workspace(folder).items();
        workspace.route(
                "items.camel.yaml",
                """
                - route:
                    id: items
                    from:
                      uri: file:%s
                      parameters: { noop: true, idempotent: true, delay: 200 }
                      steps:
                        - setHeader: { name: CamelCitusLoadKey, simple: "${header.CamelFileName}" }
                        - unmarshal: { custom: { ref: delimited } }
                        - to: citus:item
                        - setBody: { constant: "SELECT 1" }
                        - to: jdbc:citus
                        - log: the route has ended
                """
                        .formatted(Files.createDirectories(folder.resolve("files"))));
        Files.writeString(folder.resolve("files/canary.csv"), "id,name\n1,one\n");

        List<Span> spans = spans(workspace, "loaded");

        Span load = load(spans);
        Span summary =
                spans.stream().filter(span -> span.getName().equals("summary")).findAny().get();
        assertThat(summary.getParentSpanId()).isEqualTo(load.getSpanId());
    }

    @Test
    void a_load_that_fails_is_an_error_without_its_text() throws Exception {
        Workspace workspace = workspace().upload("items/canary.csv", "id,name\ncanary,one\n");

        Span load = load(spans(workspace, "failed"));

        assertThat(load.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
        assertThat(load.getStatus().getMessage()).isEqualTo("failed");
    }

    @Test
    void without_a_receiver_nothing_is_traced() throws Exception {
        Path classes = folder.resolve("classes.log");
        try (IngestProcess process =
                IngestProcess.of(workspace()).jvm("-Xlog:class+load:file=" + classes).run()) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> process.output().contains("state=loaded"));
            process.terminate();
            assertThat(process.exitCode()).isZero();
        }

        assertThat(classes)
                .content()
                .contains("org.citusingest.monitoring.Monitoring")
                .doesNotContain("io.opentelemetry.sdk", "io.opentelemetry.exporter");
    }
}
