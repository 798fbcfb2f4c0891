package org.citusingest.monitoring;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.function.Predicate;
import org.citusingest.Workspace;
import org.citusingest.faults.IngestProcess;

/** A process of the command {@code run} with a management server, and its pages. */
final class Observed implements AutoCloseable {
    static final String USER = "watcher";
    static final String PASSWORD = "canary-password";

    private final HttpClient client = HttpClient.newHttpClient();
    final Workspace workspace;
    final int port;
    private IngestProcess process;

    Observed(Path folder) {
        workspace = new Workspace(folder).items();
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        workspace
                .set("management.port", String.valueOf(port))
                .set("management.user", USER)
                .set("management.password", PASSWORD);
    }

    Observed run() {
        return run(Map.of());
    }

    Observed run(Map<String, String> environment) {
        IngestProcess.Start start = IngestProcess.of(workspace);
        environment.forEach(start::environment);
        process = start.run();
        awaitPage("/observe/health/ready", page -> page.statusCode() == 200);
        return this;
    }

    IngestProcess process() {
        return process;
    }

    /** Waits until a page is as it should be. */
    HttpResponse<String> awaitPage(String path, Predicate<HttpResponse<String>> wanted) {
        return await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(
                        () -> {
                            if (!process.isAlive()) {
                                throw new AssertionError(process.output());
                            }
                            return get(path, true);
                        },
                        wanted);
    }

    /** A page, for someone who has logged in or not. */
    HttpResponse<String> get(String path, boolean known) {
        return send("GET", path, known ? Map.of("Authorization", basic(USER, PASSWORD)) : Map.of());
    }

    HttpResponse<String> send(String method, String path, Map<String, String> headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(20))
                        .method(method, HttpRequest.BodyPublishers.noBody());
        headers.forEach(request::header);
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    static String basic(String user, String password) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** The line of a check; missing where there is none. */
    static JsonNode check(HttpResponse<String> health, String name) {
        try {
            for (JsonNode check : new ObjectMapper().readTree(health.body()).get("checks")) {
                if (check.get("name").asText().equals(name)) {
                    return check;
                }
            }
            return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until a check is UP or DOWN. */
    JsonNode awaitCheck(String name, String status) {
        return check(
                awaitPage(
                        "/observe/health",
                        page -> check(page, name).path("status").asText().equals(status)),
                name);
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }
}
