package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command demo, and what it says can be done with it. */
class DemoTest {
    private static final Pattern PSQL = Pattern.compile("psql '(postgresql://[^']+)' -c");

    @TempDir private Path folder;

    private void shell(String command) throws Exception {
        Process shell =
                new ProcessBuilder("sh", "-c", command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).as(command + "\n" + said).isZero();
        assertThat(said).as(command).doesNotContain("<Error>");
    }

    private static boolean curl() {
        try {
            return new ProcessBuilder("curl", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_blob_and_its_event_in_the_queue_become_rows_and_a_summary_by_the_printed_commands()
            throws Exception {
        Assumptions.assumeTrue(curl(), "There is no curl on the PATH: nobody uploads by hand");
        Path home = Path.of("").toAbsolutePath();
        Path routes = folder.resolve("routes");
        Files.createDirectories(routes);
        for (String name :
                List.of("http-requests.camel.yaml", "sites.camel.yaml", "blob-events.camel.yaml")) {
            String route = Files.readString(home.resolve("routes").resolve(name));
            // Nobody polls within the time of the test: what is loaded was told of.
            Files.writeString(
                    routes.resolve(name),
                    route.replace("        include:", "        delay: 3600000\n        include:"));
        }
        try (ChildApp demo =
                ChildApp.start(
                        folder,
                        List.of("-Xmx512m", "-Dcitusingest.home=" + home),
                        Map.of("MANAGEMENT_PORT", "0"),
                        "demo",
                        "--stay",
                        "--config",
                        home.resolve("application.properties").toString(),
                        "--routes",
                        routes.toString())) {
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> demo.err().contains("Add a pipeline:") || !demo.isAlive());
            assertThat(demo.out()).contains("equals a recount");
            List<String> commands =
                    demo.err()
                            .lines()
                            .map(String::strip)
                            .filter(line -> line.matches("(printf|curl) .*"))
                            .toList();
            assertThat(commands).hasSize(3);

            for (String command : commands) {
                shell(command);
            }

            Matcher url = PSQL.matcher(demo.err());
            assertThat(url.find()).isTrue();
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () ->
                                    assertThat(
                                                    ask(
                                                            url.group(1),
                                                            "SELECT sum(request_count) || ' ' || sum(error_count)"
                                                                    + " FROM http_request_1min WHERE site_id = 4711"))
                                            .isEqualTo("2 1"));
            assertThat(
                            ask(
                                    url.group(1),
                                    "SELECT event_at IS NOT NULL FROM citus_ingest.load WHERE blob = 'http/mine.csv'"))
                    .isEqualTo("t");
            demo.terminate();
            demo.exitCode();
        }
    }

    private static String ask(String url, String query) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:" + url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            return rows.next() ? rows.getString(1) : null;
        }
    }
}
