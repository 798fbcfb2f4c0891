package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.citusingest.monitoring.Pages;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that serves all that can be served, as someone sees it who has no login. */
class HttpCrawlTest {
    private static final Pattern CONSOLE = Pattern.compile("(?m)^Hawtio: http://127.0.0.1:(\\d+)/");
    private static final Set<String> HEALTH =
            Set.of("/observe/health", "/observe/health/live", "/observe/health/ready");

    private static final List<String> PATHS =
            List.of(
                    "/",
                    "/observe",
                    "/observe/",
                    "/observe/health",
                    "/observe/health/",
                    "/observe/health/live",
                    "/observe/health/ready",
                    "/observe/health/ready/x",
                    "/observe/metrics",
                    "/observe/metrics/",
                    "/observe//metrics",
                    "/observe/../observe/metrics",
                    "/observe/%6detrics",
                    "/observe/METRICS",
                    "/observe/info",
                    "/observe/dev",
                    "/observe/jolokia",
                    "/observe/jolokia/",
                    "/observe/jolokia/list",
                    "/observe/jolokia/version",
                    "/observe/jolokia/read/java.lang:type=Runtime",
                    "/observe/jolokia/exec/java.lang:type=Memory/gc",
                    "/observe/jolokia;a=b/list",
                    "/observe/health/..;/jolokia/list",
                    "/observe/health/%2e%2e/metrics",
                    "/events",
                    "/events/blob",
                    "/events/blob/",
                    "/events/blob?code=x",
                    "/events/blob/../blob",
                    "/q/dev",
                    "/q/health",
                    "/q/upload/x",
                    "/q/download",
                    "/q/send",
                    "/hawtio/",
                    "/hawtio/user",
                    "/hawtio/jolokia",
                    "/hawtio/jolokia/list",
                    "/hawtio/proxy/http/127.0.0.1/80/",
                    "/jolokia",
                    "/jolokia/list",
                    "/metrics",
                    "/health",
                    "/actuator",
                    "/actuator/env",
                    "/WEB-INF/web.xml",
                    "/application.properties",
                    "/../application.properties",
                    "/etc/passwd",
                    "/favicon.ico");

    private static final List<String> METHODS =
            List.of(
                    "GET",
                    "HEAD",
                    "POST",
                    "PUT",
                    "PATCH",
                    "DELETE",
                    "OPTIONS",
                    "TRACE",
                    "PROPFIND");

    @TempDir private Path folder;

    /** Where a process listens, as the system says it: ports by their addresses in hexadecimal. */
    private static Map<Integer, String> listening(long pid) throws IOException {
        Set<String> sockets;
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            sockets =
                    files.map(HttpCrawlTest::target)
                            .filter(to -> to.startsWith("socket:["))
                            .map(to -> to.substring(8, to.length() - 1))
                            .collect(Collectors.toSet());
        }
        Map<Integer, String> ports = new TreeMap<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table))) {
                String[] fields = line.trim().split("\\s+", 0);
                if (fields[3].equals("0A") && sockets.contains(fields[9])) {
                    String[] local = fields[1].split(":", 0);
                    ports.put(Integer.parseInt(local[1], 16), local[0]);
                }
            }
        }
        return ports;
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static String ask(int port, String method, String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(
                            "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                                    .formatted(method, path, port)
                                    .getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.split(" ", 3)[1]);
    }

    @Test
    void whoever_has_no_login_is_given_health_and_the_page_to_log_in_at() throws Exception {
        Assumptions.assumeTrue(
                Files.isDirectory(Path.of("/proc/self/fd")),
                "The ports of a process are known only from /proc, which is not there");
        Workspace workspace = new Workspace(folder).items();
        Pages pages = Pages.atFreePort();
        pages.properties().forEach(workspace::set);
        workspace.set("management.jolokia", "true");
        workspace.route(
                "blob-webhook.camel.yaml",
                Files.readString(Path.of("routes/examples/blob-webhook.camel.yaml")));
        workspace.set("webhook.secret", "the secret of the test");
        int webhook = Pages.atFreePort().port();
        workspace.set("webhook.port", String.valueOf(webhook));
        workspace.upload("items/canary.csv", "id,name\n1,one\n");
        try (ChildApp app =
                ChildApp.start(
                        folder,
                        List.of("-Xmx256m"),
                        Map.of("HAWTIO_PASSWORD", "canary password"),
                        workspace.arguments("run", "--hawtio", "--hawtio-port", "0"))) {
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () ->
                                    assertThat(app.err())
                                            .contains("routes=[blob-webhook]", "state=loaded"));
            Matcher address = CONSOLE.matcher(app.err());
            assertThat(address.find()).isTrue();
            int console = Integer.parseInt(address.group(1));

            Map<Integer, String> ports = listening(app.pid());
            assertThat(ports).containsOnlyKeys(pages.port(), console, webhook);
            assertThat(ports.values())
                    .allMatch(at -> at.equals("0100007F") || at.endsWith("FFFF00000100007F"));

            List<String> given = new ArrayList<>();
            for (int port : ports.keySet()) {
                for (String path : PATHS) {
                    for (String method : METHODS) {
                        String asked = method + " " + path;
                        String answer = ask(port, method, path);
                        int status = status(answer);
                        assertThat(answer).as(asked).doesNotContain("canary");
                        if (status == 200 && port == pages.port() && HEALTH.contains(path)) {
                            assertThat(method).isIn("GET", "HEAD");
                            given.add(path);
                        } else if (status == 200) {
                            assertThat(port).as(asked + "\n" + answer).isEqualTo(console);
                            assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4))
                                    .as(asked)
                                    .matches("(?s)|.*<div id=\"root\"></div>.*");
                        } else {
                            assertThat(status)
                                    .as(asked)
                                    .isIn(302, 303, 400, 401, 403, 404, 405, 415, 421, 429, 501);
                            // A page of an error may have a line for a person, and no more.
                            assertThat(answer.substring(answer.indexOf("\r\n\r\n") + 4))
                                    .as(asked)
                                    .hasSizeLessThan(100)
                                    .doesNotContain("Exception", "items", "org.");
                        }
                    }
                }
            }
            assertThat(given).containsAll(HEALTH);
            assertThat(workspace.itemRows()).containsExactly("1|one");
        }
    }
}
