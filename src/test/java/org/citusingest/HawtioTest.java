package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.citusingest.demo.SampleData;
import org.citusingest.demo.SampleSchema;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console as somebody sees it who opens it in a browser. */
class HawtioTest {
    private static final Path PICTURES = Path.of("target", "hawtio");
    private static final String PASSWORD = "a long password";

    @TempDir private Path folder;

    private Workspace workspace() throws IOException {
        Workspace workspace = new Workspace(folder);
        SampleSchema.install(workspace.database.dataSource());
        workspace.set("http-requests.container", workspace.container.getBlobContainerName());
        Files.copy(
                Path.of("routes", "http-requests.camel.yaml"),
                workspace.routes.resolve("http-requests.camel.yaml"));
        return workspace;
    }

    @Test
    void shows_the_route_its_diagram_and_its_counters_after_a_load() throws Exception {
        Path program = Browser.program().orElse(null);
        Assumptions.assumeTrue(
                program != null, "There is no Chromium on the PATH: the console is not looked at");
        Workspace workspace = workspace();
        new SampleData(7, 1000)
                .blobs().stream()
                        .filter(blob -> blob.container().equals(SampleData.LOGS))
                        .forEach(
                                blob ->
                                        workspace
                                                .container
                                                .getBlobClient(blob.name())
                                                .upload(BinaryData.fromBytes(blob.bytes())));
        try (ChildApp child =
                        ChildApp.start(
                                folder,
                                List.of(),
                                Map.of("HAWTIO_PASSWORD", PASSWORD),
                                workspace.arguments("run", "--hawtio", "--hawtio-port", "0"));
                Browser browser = Browser.start(program, folder)) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> child.err().contains("Hawtio: http://"));
            String address =
                    child.err()
                            .lines()
                            .filter(l -> l.startsWith("Hawtio: "))
                            .findFirst()
                            .orElseThrow()
                            .substring("Hawtio: ".length());
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () ->
                                    assertThat(workspace.loads("state"))
                                            .filteredOn("loaded"::equals)
                                            .hasSize(7));
            browser.open(address);
            browser.awaitText("Log in");
            browser.screenshot(PICTURES.resolve("login.png"));
            browser.type("input[name='pf-login-username-id'], #pf-login-username-id", "hawtio");
            browser.type("#pf-login-password-id", PASSWORD);
            browser.click("button[type=submit]");
            browser.awaitText("http-requests");
            browser.clickText("http-requests");
            Thread.sleep(3000);
            browser.screenshot(PICTURES.resolve("route.png"));
            System.err.println(browser.evaluate("location.href + document.body.innerText"));
            browser.clickText("Route Diagram");
            Thread.sleep(3000);
            browser.screenshot(PICTURES.resolve("diagram.png"));
            System.err.println(browser.evaluate("location.href + document.body.innerText"));
            browser.clickText("Source");
            Thread.sleep(3000);
            browser.screenshot(PICTURES.resolve("source.png"));
            System.err.println(browser.evaluate("location.href + document.body.innerText"));
            browser.clickText("JMX");
            Thread.sleep(3000);
            browser.screenshot(PICTURES.resolve("jmx.png"));
            System.err.println(browser.evaluate("location.href + document.body.innerText"));
            browser.clickText("Runtime");
            Thread.sleep(3000);
            browser.screenshot(PICTURES.resolve("runtime.png"));
            System.err.println(browser.evaluate("location.href + document.body.innerText"));
            System.err.println(child.err());
        }
    }
}
