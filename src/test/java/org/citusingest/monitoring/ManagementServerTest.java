package org.citusingest.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.citusingest.monitoring.Page.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManagementServerTest {
    private static final String SECRET = "for those who have logged in";

    private final Pages pages = Pages.atFreePort();
    private ManagementServer server;

    @BeforeEach
    void start() {
        server = start(pages.properties());
    }

    private static ManagementServer start(Map<String, String> properties) {
        ManagementServer server =
                new ManagementServer(
                        ManagementSettings.of(key -> Optional.ofNullable(properties.get(key))));
        server.open("/observe/health", known -> new Answer(200, "text/plain", "known " + known));
        server.closed("/observe/metrics", known -> new Answer(200, "text/plain", SECRET));
        server.mount(
                "/observe/mounted",
                exchange -> {
                    byte[] body = SECRET.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                });
        return server;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Sends a request as it stands, and gives all that is answered. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), pages.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String head(String method, String path) {
        return method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    }

    @Test
    void whoever_has_logged_in_sees_all_pages_and_others_the_open_ones() {
        assertThat(pages.get("/observe/health").body()).isEqualTo("known true");
        assertThat(pages.getAsStranger("/observe/health").body()).isEqualTo("known false");
        assertThat(pages.get("/observe/metrics").body()).isEqualTo(SECRET);
        assertThat(pages.get("/observe/mounted").body()).isEqualTo(SECRET);
        assertThat(pages.get("/observe/mounted/below?a=b").body()).isEqualTo(SECRET);
        assertThat(pages.get("/observe/mountedbeside").statusCode()).isEqualTo(404);
        assertThat(pages.get("/").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "X"})
    void no_path_and_no_method_leads_past_the_login(String method) throws Exception {
        List<String> paths = new ArrayList<>();
        for (String path : List.of("/observe/metrics", "/observe/mounted", "/observe", "/", "")) {
            paths.add(path + "/");
            paths.add(path + "/below");
            paths.add(path + ";a=b");
            paths.add(path + "%2f");
            paths.add(path + "?a=b");
            paths.add("/" + path);
            paths.add("/observe/health/.." + path);
            paths.add("/observe/health/%2e%2e" + path);
            paths.add("/observe/health/..;" + path);
            paths.add(path.toUpperCase(java.util.Locale.ROOT) + "/");
            paths.add("http://x" + path + "/");
        }
        for (String path : paths) {
            String answer = raw(head(method, path.isEmpty() ? "/" : path));

            assertThat(answer)
                    .as(method + " " + path)
                    .matches("(?s)HTTP/1.1 (400|401|404) .*")
                    .doesNotContain(SECRET)
                    .doesNotContain("known");
        }
    }

    @Test
    void a_wrong_login_is_none() {
        List<String> wrong =
                List.of(
                        Pages.basic(Pages.USER, "wrong"),
                        Pages.basic("other", Pages.PASSWORD),
                        Pages.basic(Pages.USER, ""),
                        Pages.basic(Pages.USER, Pages.PASSWORD + "x"),
                        "Basic",
                        "Bearer x",
                        Pages.basic(Pages.USER, Pages.PASSWORD).replace("Basic", "Bearer"));
        for (String header : wrong) {
            HttpResponse<String> answer =
                    pages.send("GET", "/observe/metrics", Map.of("Authorization", header));

            assertThat(answer.statusCode()).as(header).isEqualTo(401);
            assertThat(answer.headers().firstValue("WWW-Authenticate").orElseThrow())
                    .startsWith("Basic realm=");
        }
    }

    @Test
    void only_reading_is_allowed() {
        Map<String, String> login =
                Map.of("Authorization", Pages.basic(Pages.USER, Pages.PASSWORD));
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH")) {
            HttpResponse<String> answer = pages.send(method, "/observe/metrics", login);

            assertThat(answer.statusCode()).as(method).isEqualTo(405);
            assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
        }
        HttpResponse<String> head = pages.send("HEAD", "/observe/metrics", login);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void nothing_of_a_request_is_in_its_answer_and_browsers_are_told_to_be_careful()
            throws Exception {
        for (String line :
                List.of(
                        head("GET", "/<script>canary</script>"),
                        head("CANARY", "/observe/health"),
                        "GET /observe/canary HTTP/1.1\r\nHost: canary\r\nX-Canary: canary\r\n\r\n",
                        "canary\r\n\r\n",
                        "GET /%zz-canary HTTP/1.1\r\nHost: x\r\n\r\n",
                        "TRACE /observe/health HTTP/1.1\r\nHost: x\r\nX-Canary: canary\r\n\r\n")) {
            assertThat(raw(line)).doesNotContainIgnoringCase("canary");
        }
        Map<String, List<String>> headers =
                new HashMap<>(pages.getAsStranger("/observe/health").headers().map());
        assertThat(headers)
                .containsEntry("x-content-type-options", List.of("nosniff"))
                .containsEntry("cache-control", List.of("no-store"))
                .containsKey("content-security-policy")
                .doesNotContainKey("server");
    }

    @Test
    void without_a_login_in_the_settings_only_the_open_pages_are_shown() {
        Pages others = Pages.atFreePort();
        try (ManagementServer open =
                start(Map.of("management.port", String.valueOf(others.port())))) {
            assertThat(open).isNotNull();
            assertThat(others.getAsStranger("/observe/health").statusCode()).isEqualTo(200);
            assertThat(others.get("/observe/metrics").statusCode()).isEqualTo(401);
            assertThat(others.get("/observe/metrics").body()).contains("MANAGEMENT_USER");
            assertThat(
                            others.send(
                                            "GET",
                                            "/observe/metrics",
                                            Map.of("Authorization", Pages.basic("", "")))
                                    .statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void a_page_that_fails_says_nothing_of_why() {
        server.closed(
                "/observe/bad",
                known -> {
                    throw new IllegalStateException("canary");
                });

        HttpResponse<String> answer = pages.get("/observe/bad");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).doesNotContain("canary");
    }

    @Test
    void a_port_that_is_taken_is_named_in_one_line() {
        assertThatThrownBy(() -> start(pages.properties()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("127.0.0.1 port " + pages.port())
                .hasMessageContaining("MANAGEMENT_PORT")
                .message()
                .doesNotContain("\n");
    }
}
