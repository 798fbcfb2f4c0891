package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.citusingest.Workspace.Run;
import org.citusingest.demo.SampleBlob;
import org.citusingest.demo.SampleData;
import org.citusingest.demo.SampleSchema;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code run --hawtio}, and the console as somebody sees it in a browser. */
class HawtioTest {
    /** What the console looked like, to be kept with the results of a build. */
    private static final Path PICTURES = Path.of("target", "hawtio");

    private static final String PASSWORD = "canary password";
    private static final Pattern ADDRESS = Pattern.compile("(?m)^Hawtio: (http://\\S+)$");
    private static final Pattern MADE =
            Pattern.compile("user hawtio, password (\\S+) for this run");

    @TempDir private Path folder;

    private ChildApp start(
            Workspace workspace, Map<String, String> environment, String... options) {
        return ChildApp.start(
                folder, List.of("-Xmx256m"), environment, workspace.arguments("run", options));
    }

    private static Matcher awaitMatch(ChildApp child, Pattern pattern) {
        return await().atMost(Duration.ofSeconds(90))
                .until(
                        () -> {
                            assertThat(child.isAlive()).as(child.err()).isTrue();
                            return pattern.matcher(child.err());
                        },
                        Matcher::find);
    }

    private static int logIn(String address, String password) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(address + "auth/login"))
                        .header("Content-Type", "application/json")
                        .POST(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"username\":\"hawtio\",\"password\":\"%s\"}"
                                                .formatted(password)))
                        .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** The shipped pipeline with the files of the demo that are for it. */
    private Workspace httpRequests() throws IOException {
        Workspace workspace = new Workspace(folder);
        SampleSchema.install(workspace.database.dataSource());
        workspace.set("http-requests.container", workspace.container.getBlobContainerName());
        Files.copy(
                Path.of("routes", "http-requests.camel.yaml"),
                workspace.routes.resolve("http-requests.camel.yaml"));
        for (SampleBlob blob : new SampleData(7, 1000).blobs()) {
            if (blob.container().equals(SampleData.LOGS)) {
                workspace
                        .container
                        .getBlobClient(blob.name())
                        .upload(BinaryData.fromBytes(blob.bytes()));
            }
        }
        return workspace;
    }

    @Test
    void shows_a_route_its_diagram_and_its_counters_after_a_load() throws Exception {
        Path chromium = Browser.program().orElse(null);
        Assumptions.assumeTrue(
                chromium != null, "There is no Chromium on the PATH: nobody looks at the console");
        Workspace workspace = httpRequests();
        try (ChildApp child =
                        start(
                                workspace,
                                Map.of("HAWTIO_PASSWORD", PASSWORD),
                                "--hawtio",
                                "--hawtio-port",
                                "0");
                Browser browser = Browser.start(chromium, folder)) {
            browser.open(awaitMatch(child, ADDRESS).group(1));
            logInWith(browser, "another password");
            browser.awaitText("Invalid login credentials");
            logInWith(browser, PASSWORD);

            browser.awaitText("http-requests");
            browser.clickText("http-requests");
            browser.awaitText("Route Diagram");
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(
                            () ->
                                    assertThat(
                                                    workspace.database.count(
                                                            "citus_ingest.load WHERE summarized_at IS NOT NULL"))
                                            .isEqualTo(7));
            browser.awaitTrue("/ExchangesCompleted\\s+[1-9]/.test(document.body.innerText)");
            browser.screenshot(PICTURES.resolve("counters.png"));

            browser.clickText("Route Diagram");
            browser.awaitText("To citus:http_req");
            browser.awaitText("Split: ${body}");
            // The batches that were copied, one a file.
            browser.awaitTrue("/Split: [^\\n]*\\n+7\\n+To citus/.test(document.body.innerText)");
            browser.screenshot(PICTURES.resolve("diagram.png"));

            browser.clickText("Operations");
            browser.awaitText("dumpRouteStatsAsXml");
            browser.screenshot(PICTURES.resolve("operations.png"));

            child.terminate();
            assertThat(child.exitCode()).isZero();
            assertThat(child.err()).doesNotContain(PASSWORD);
        }
    }

    private static void logInWith(Browser browser, String password) {
        browser.type("#pf-login-username-id", "hawtio");
        browser.type("#pf-login-password-id", password);
        browser.click("button[type=submit]:not([disabled])");
    }

    @Test
    void makes_a_password_for_this_run_and_says_it_once_on_standard_error() throws Exception {
        Workspace workspace = new Workspace(folder).items();
        try (ChildApp child =
                start(workspace, Map.of("LOG_LEVEL", "debug"), "--hawtio", "--hawtio-port", "0")) {
            String address = awaitMatch(child, ADDRESS).group(1);
            String password = awaitMatch(child, MADE).group(1);

            assertThat(address).startsWith("http://127.0.0.1:");
            assertThat(logIn(address, "another password")).isEqualTo(401);
            assertThat(logIn(address, password)).isEqualTo(200);
            child.terminate();
            assertThat(child.exitCode()).isZero();
            assertThat(child.err().split(Pattern.quote(password), -1)).hasSize(2);
            assertThat(child.out()).isEmpty();
        }
    }

    @Test
    void loads_no_class_of_the_console_without_the_option() throws Exception {
        Workspace workspace = new Workspace(folder).items().upload("items/a.csv", "id,name\n1,a\n");
        Path classes = folder.resolve("classes");
        try (ChildApp child =
                ChildApp.start(
                        folder,
                        List.of("-Xlog:class+load:file=" + classes),
                        Map.of("HAWTIO_PASSWORD", PASSWORD),
                        workspace.arguments("run"))) {
            awaitMatch(child, Pattern.compile("state=loaded"));
            assertThat(Files.readString(classes))
                    .contains("org.citusingest.IngestApplication")
                    .doesNotContain("org.citusingest.console.Console ")
                    .doesNotContain("org.eclipse.jetty")
                    .doesNotContain("org.jolokia");
        }
    }

    @Test
    void a_port_in_use_ends_the_start_with_one_line() throws Exception {
        Workspace workspace = new Workspace(folder).items();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Run run =
                    workspace.run(
                            "run",
                            "--hawtio",
                            "--hawtio-port",
                            String.valueOf(taken.getLocalPort()));

            assertThat(run.code()).isEqualTo(1);
            assertThat(run.err().lines())
                    .containsExactly(
                            "citus-ingest run: The console cannot listen on 127.0.0.1:%d (Address already in use): choose another port with --hawtio-port"
                                    .formatted(taken.getLocalPort()));
        }
    }

    @Test
    void an_address_that_others_can_reach_needs_a_password() {
        Workspace workspace = new Workspace(folder).items().set("hawtio.host", "0.0.0.0");

        Run run = workspace.run("run", "--hawtio");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines())
                .containsExactly(
                        "citus-ingest run: hawtio.host (HAWTIO_HOST) is 0.0.0.0, which others can reach,"
                                + " and there is no password for them: set HAWTIO_PASSWORD, or leave it at 127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--hawtio-port 1", "--hawtio --hawtio-port 65536"})
    void a_port_without_a_console_or_out_of_range_is_a_wrong_usage(String options) {
        Run run = new Workspace(folder).run("run", options.split(" "));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).startsWith("--hawtio-port goes with --hawtio");
    }
}
