package org.citusingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.options.BlobParallelUploadOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.citusingest.cli.Ingest;
import org.citusingest.routes.RouteFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What others send has names that mean something to Camel or to our components: as metadata, as
 * headers and parameters of HTTP, as columns, as names of files, as fields of an event.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HeaderInjectionTest {
    private static final String SECRET = "the secret of the test";

    /** Names that options and headers have, with what somebody might hope of them. */
    private static final Map<String, String> HOPES =
            Map.of(
                    "CamelCitusLoadKey", "stolen",
                    "CamelCitusTable", "hidden",
                    "CamelJdbcParameters", "{seen=stolen}",
                    "CamelRetrieveGeneratedKeys", "true",
                    "CamelBlobsContainer", "other",
                    "CamelBlobsBlob", "stolen",
                    "CamelAzureStorageBlobOperation", "deleteBlob",
                    "CamelFileName", "stolen",
                    "CamelHttpResponseCode", "299");

    /** As they are printed, which the text of a query or a file's name is not. */
    private static final Pattern HEADER =
            Pattern.compile(
                    "(?i)(?<=[{ ])(?:CamelCitusTable|CamelJdbc\\w+|CamelRetrieve\\w+|CamelAzure\\w+)=");

    private enum Spelling {
        AS_IT_IS,
        LOWER,
        MIXED;

        String of(String name) {
            return switch (this) {
                case AS_IT_IS -> name;
                case LOWER -> name.toLowerCase(Locale.ROOT);
                case MIXED ->
                        IntStream.range(0, name.length())
                                .mapToObj(
                                        i ->
                                                i % 2 == 0
                                                        ? name.substring(i, i + 1)
                                                        : name.substring(i, i + 1)
                                                                .toUpperCase(Locale.ROOT))
                                .collect(Collectors.joining());
            };
        }

        Map<String, String> ofAll() {
            Map<String, String> all = new TreeMap<>();
            HOPES.forEach((name, hope) -> all.put(of(name), hope));
            return all;
        }
    }

    private final HttpClient http = HttpClient.newHttpClient();
    private Workspace workspace;
    private Path incoming;
    private Ingest app;
    private int port;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        workspace = new Workspace(folder).items();
        incoming = Files.createDirectory(folder.resolve("incoming"));
        workspace.database.execute(
                "CREATE TABLE hidden (LIKE item INCLUDING ALL)",
                "CREATE TABLE seen (headers text)");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        workspace
                .set("webhook.port", String.valueOf(port))
                .set("webhook.secret", SECRET)
                .set("webhook.rate", "1000");
        // After each load the headers are written down, by a statement that takes its
        // values from headers.
        String after =
                """
                        - setHeader: { name: seen, simple: "all ${headers}" }
                        - setBody: { constant: "INSERT INTO seen VALUES (:?seen)" }
                        - to: jdbc:citus?useHeadersAsParameters=true
                """;
        workspace.route(
                "items.camel.yaml",
                """
                - route:
                    id: items
                    from:
                      uri: blobs:%s
                      parameters: { include: "items/**", delay: 200 }
                      steps:
                        - unmarshal: { custom: { ref: delimited } }
                        - to: citus:item
                """
                                .formatted(workspace.container.getBlobContainerName())
                        + after.indent(0));
        workspace.route(
                "rows.camel.yaml",
                """
                - route:
                    id: no-key
                    from:
                      uri: platform-http:/no-key
                      steps:
                        - to: citus:item
                - route:
                    id: keyed
                    from:
                      uri: platform-http:/keyed
                      steps:
                        - setHeader: { name: CamelCitusLoadKey, simple: "${header.X-Name}" }
                        - to: citus:item
                """
                        + after.indent(0)
                        + "        - setBody: { constant: taken }\n");
        workspace.route(
                "files.camel.yaml",
                """
                - route:
                    id: files
                    from:
                      uri: file:%s
                      parameters: { move: .loaded, delay: 200, initialDelay: 0 }
                      steps:
                        - setHeader: { name: CamelCitusLoadKey, simple: "${header.CamelFileName}" }
                        - to: citus:item
                """
                                .formatted(incoming)
                        + after.indent(0));
        workspace.route(
                "blob-webhook.camel.yaml",
                Files.readString(Path.of("routes/examples/blob-webhook.camel.yaml")));
        app =
                new IngestApplication(
                        new Ingest.Options(
                                Optional.of(workspace.config()), Optional.empty(), Map.of()));
        assertThat(app.run())
                .allSatisfy(file -> assertThat(file).isInstanceOf(RouteFile.Usable.class));
    }

    @AfterAll
    void stop() {
        app.close();
    }

    @BeforeEach
    void empty() {
        workspace.database.execute("TRUNCATE item, hidden, seen");
    }

    /** What the ledger has of a load with this key. */
    private List<String> loads(String key) {
        return workspace.database.rows(
                "SELECT pipeline, state, rows_copied FROM citus_ingest.load WHERE blob = $key$%s$key$"
                        .formatted(key));
    }

    private static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(assertion);
    }

    private int post(String path, Spelling spelling, Map<String, String> more, String body)
            throws IOException, InterruptedException {
        Map<String, String> hostile = spelling.ofAll();
        String query =
                hostile.entrySet().stream()
                        .map(
                                entry ->
                                        entry.getKey()
                                                + "="
                                                + URLEncoder.encode(entry.getValue(), UTF_8))
                        .collect(Collectors.joining("&"));
        HttpRequest.Builder request =
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:%d%s?%s".formatted(port, path, query)))
                        .timeout(Duration.ofSeconds(30))
                        .POST(BodyPublishers.ofString(body));
        hostile.forEach(request::header);
        more.forEach(request::header);
        return http.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    /** That a load went where it was to go, with this key, and what its steps saw of headers. */
    private void assertLoaded(String pipeline, String key) {
        awaitThat(() -> assertThat(loads(key)).containsExactly(pipeline + "|loaded|1"));
        awaitThat(() -> assertThat(workspace.database.count("seen")).isEqualTo(1));
        assertThat(workspace.itemRows()).containsExactly("1|one");
        assertThat(workspace.database.count("hidden")).isZero();
        String seen = workspace.database.ask("SELECT headers FROM seen");
        assertThat(seen).containsPattern("CamelCitusLoadKey=\\S*" + Pattern.quote(key));
        assertThat(HEADER.matcher(seen).results().map(MatchResult::group)).as(seen).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void metadata_of_a_blob_is_no_header(Spelling spelling) {
        String blob = "items/metadata-%s.csv".formatted(spelling);
        workspace
                .container
                .getBlobClient(blob)
                .uploadWithResponse(
                        new BlobParallelUploadOptions(BinaryData.fromString("id,name\n1,one\n"))
                                .setMetadata(spelling.ofAll()),
                        null,
                        null);

        assertLoaded("items", blob);
    }

    @ParameterizedTest
    @EnumSource
    void neither_headers_nor_parameters_of_http_name_the_load(Spelling spelling) throws Exception {
        assertThat(post("/no-key", spelling, Map.of(), "id,name\n1,one\n")).isEqualTo(500);

        assertThat(workspace.loads("pipeline")).doesNotContain("no-key");
        assertThat(loads("stolen")).isEmpty();
        assertThat(workspace.itemRows()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void what_a_route_sets_is_not_changed_by_headers_and_parameters_of_http(Spelling spelling)
            throws Exception {
        String key = "mine " + spelling;

        assertThat(post("/keyed", spelling, Map.of("X-Name", key), "id,name\n1,one\n"))
                .isEqualTo(200);

        assertLoaded("keyed", key);
    }

    @ParameterizedTest
    @EnumSource
    void an_event_registers_what_it_is_of_whatever_comes_with_it(Spelling spelling)
            throws Exception {
        String blob = "items/event-%s.csv".formatted(spelling);
        workspace.upload(blob, "id,name\n1,one\n");
        String container = workspace.container.getBlobContainerName();
        String fields =
                spelling.ofAll().entrySet().stream()
                        .map(entry -> "\"%s\":\"%s\"".formatted(entry.getKey(), entry.getValue()))
                        .collect(Collectors.joining(","));
        String event =
                """
                [{"topic":"/x/providers/Microsoft.Storage/storageAccounts/%1$s","eventType":"Microsoft.Storage.BlobCreated",
                  "subject":"/blobServices/default/containers/%2$s/blobs/%5$s","eventTime":"2026-11-25T01:02:03Z",
                  "data":{"url":"%3$s/%5$s",%4$s},"headers":{%4$s},%4$s}]
                """
                        .formatted(
                                workspace.container.getAccountName(),
                                container,
                                workspace.container.getBlobContainerUrl(),
                                fields,
                                blob);

        assertThat(post("/events/blob", spelling, Map.of("X-Webhook-Secret", SECRET), event))
                .isEqualTo(200);

        assertLoaded("items", blob);
    }

    @Test
    void names_of_columns_are_looked_up_in_the_table_and_mean_nothing_else() {
        workspace.upload(
                "items/columns.csv",
                "id,name,CamelCitusLoadKey,CamelCitusTable\n1,one,stolen,hidden\n");

        awaitThat(() -> assertThat(loads("items/columns.csv")).containsExactly("items|failed|0"));
        assertThat(workspace.loads("error")).anyMatch(error -> error.contains("CamelCitusLoadKey"));
        assertThat(workspace.itemRows()).isEmpty();
        assertThat(workspace.database.count("hidden")).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "${bean:citus.close}.csv",
                "{{citus.password}}.csv",
                "CamelCitusTable=hidden&CamelCitusLoadKey=stolen.csv",
                "'); DROP TABLE item; --.csv",
                "RAW(${sysenv.PATH}).csv"
            })
    void names_of_files_are_text(String name) throws IOException {
        Path file = incoming.resolveSibling("upload");
        Files.writeString(file, "id,name\n1,one\n");
        Files.move(file, incoming.resolve(name));

        awaitThat(() -> assertThat(incoming.resolve(".loaded").resolve(name)).exists());
        assertLoaded("files", name);
    }

    @Test
    void the_spellings_differ() {
        assertThat(List.of(Spelling.values()))
                .extracting(spelling -> spelling.of("CamelCitusLoadKey"))
                .containsExactly("CamelCitusLoadKey", "camelcitusloadkey", "CAmElCiTuSLOaDKEy");
    }
}
