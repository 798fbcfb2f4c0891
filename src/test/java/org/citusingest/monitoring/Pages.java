package org.citusingest.monitoring;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;

/** The pages of a management server, as someone sees them who has logged in or not. */
public record Pages(int port) {
    public static final String USER = "watcher";
    public static final String PASSWORD = "canary-password";

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** Those of a server that is to be started at a free port. */
    public static Pages atFreePort() {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Pages(free.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The properties of this server. */
    public Map<String, String> properties() {
        return Map.of(
                "management.port",
                String.valueOf(port),
                "management.user",
                USER,
                "management.password",
                PASSWORD);
    }

    /** A page for someone who has logged in. */
    public HttpResponse<String> get(String path) {
        return send("GET", path, Map.of("Authorization", basic(USER, PASSWORD)));
    }

    /** A page for anyone. */
    public HttpResponse<String> getAsStranger(String path) {
        return send("GET", path, Map.of());
    }

    public HttpResponse<String> send(String method, String path, Map<String, String> headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(30))
                        .method(method, HttpRequest.BodyPublishers.noBody());
        headers.forEach(request::header);
        try {
            return CLIENT.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public static String basic(String user, String password) {
        byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(both);
    }

    /** The check of this name on a page of health; missing where there is none. */
    public static JsonNode check(HttpResponse<String> page, String name) {
        try {
            JsonNode checks = new ObjectMapper().readTree(page.body()).get("checks");
            for (JsonNode check : checks) {
                if (check.get("name").asText().equals(name)) {
                    return check;
                }
            }
            return checks.path("none");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a check says DOWN for this reason, or UP for an empty one; gives the page. */
    public HttpResponse<String> awaitCheck(String name, String reason) {
        String status = reason.isEmpty() ? "UP" : "DOWN";
        return await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> get("/observe/health"),
                        page ->
                                check(page, name).path("status").asText().equals(status)
                                        && check(page, name)
                                                .path("reason")
                                                .asText()
                                                .equals(reason));
    }
}
