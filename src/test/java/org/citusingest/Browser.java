package org.citusingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A Chromium without a window and with nothing of an earlier one, driven by its DevTools. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LISTENING =
            Pattern.compile("DevTools listening on ws://([^/]+)/\\S+");

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final AtomicInteger calls = new AtomicInteger();
    private final Process process;
    private final Path profile;
    private final WebSocket page;

    private Browser(Process process, Path profile, Path log) {
        this.process = process;
        this.profile = profile;
        String devTools =
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> LISTENING.matcher(Files.readString(log)), Matcher::find)
                        .group(1);
        page =
                http.newWebSocketBuilder()
                        .buildAsync(URI.create(firstPage(devTools)), new Answers())
                        .join();
        call("Emulation.setDeviceMetricsOverride")
                .put("width", 1400)
                .put("height", 900)
                .put("deviceScaleFactor", 1)
                .put("mobile", false)
                .send();
    }

    /** The program, where one is installed. */
    static Optional<Path> program() {
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(
                        folder ->
                                Stream.of("chromium", "chromium-browser", "google-chrome")
                                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Browser start(Path program, Path folder) throws IOException {
        Path log = Files.createTempFile(folder, "chromium", ".log");
        Path profile = Files.createTempDirectory(folder, "profile");
        Process process =
                new ProcessBuilder(
                                List.of(
                                        program.toString(),
                                        "--headless",
                                        "--no-sandbox",
                                        "--disable-gpu",
                                        "--disable-quic",
                                        "--disable-dev-shm-usage",
                                        "--no-first-run",
                                        "--disable-background-networking",
                                        "--disable-component-update",
                                        "--disable-sync",
                                        "--remote-debugging-port=0",
                                        "--user-data-dir=" + profile,
                                        "about:blank"))
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        return new Browser(process, profile, log);
    }

    private String firstPage(String devTools) {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + devTools + "/json/list")).build();
        return Awaitility.await()
                .atMost(PATIENCE)
                .until(
                        () -> {
                            String pages =
                                    http.send(request, HttpResponse.BodyHandlers.ofString()).body();
                            return json.readTree(pages).path(0).path("webSocketDebuggerUrl");
                        },
                        JsonNode::isTextual)
                .asText();
    }

    /** The answers to the calls; what it tells unasked is passed over. */
    private final class Answers implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                try {
                    JsonNode answer = json.readTree(text.toString());
                    CompletableFuture<JsonNode> waiting =
                            answers.remove(answer.path("id").asInt(-1));
                    if (waiting != null) {
                        waiting.complete(answer);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }

    private final class Call {
        private final String method;
        private final ObjectNode parameters = json.createObjectNode();

        Call(String method) {
            this.method = method;
        }

        Call put(String name, Object value) {
            parameters.putPOJO(name, value);
            return this;
        }

        JsonNode send() {
            int id = calls.incrementAndGet();
            CompletableFuture<JsonNode> waiting = new CompletableFuture<>();
            answers.put(id, waiting);
            ObjectNode message = json.createObjectNode().put("id", id).put("method", method);
            message.set("params", parameters);
            page.sendText(message.toString(), true).join();
            JsonNode answer = waiting.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
            if (answer.has("error")) {
                throw new IllegalStateException(method + ": " + answer.get("error"));
            }
            return answer.path("result");
        }
    }

    private Call call(String method) {
        return new Call(method);
    }

    void open(String url) {
        call("Page.navigate").put("url", url).send();
    }

    /** The value of an expression in the page, a promise's when it is there. */
    JsonNode evaluate(String expression) {
        JsonNode result =
                call("Runtime.evaluate")
                        .put("expression", expression)
                        .put("awaitPromise", true)
                        .put("returnByValue", true)
                        .send();
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.get("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** What somebody reads in the page. */
    String text() {
        return evaluate("document.body ? document.body.innerText : ''").asText();
    }

    void awaitText(String text) {
        try {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> text().contains(text));
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError("The page does not say '" + text + "' but: " + text(), e);
        }
    }

    /** Waits for an element, and clicks on it. */
    void click(String selector) {
        awaitTrue(
                "(e => e ? (e.click(), true) : false)(document.querySelector(%s))"
                        .formatted(quoted(selector)));
    }

    /** Clicks on the first link or button with this text. */
    void clickText(String text) {
        awaitTrue(
                """
                (e => e ? (e.click(), true) : false)([...document.querySelectorAll('a, button, [role=treeitem] span')]
                    .find(e => e.innerText && e.innerText.trim() === %s))
                """
                        .formatted(quoted(text)));
    }

    /** Types into a field, over what is there. */
    void type(String selector, String text) {
        awaitTrue(
                "(e => e ? (e.focus(), e.select(), true) : false)(document.querySelector(%s))"
                        .formatted(quoted(selector)));
        call("Input.insertText").put("text", text).send();
    }

    void awaitTrue(String expression) {
        Awaitility.await(expression)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> evaluate(expression).asBoolean());
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** Keeps what the page looks like. */
    void screenshot(Path png) throws IOException {
        Files.createDirectories(png.getParent());
        String data = call("Page.captureScreenshot").send().path("data").asText();
        Files.write(png, Base64.getDecoder().decode(data));
    }

    @Override
    public void close() {
        page.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
        // Links that point out of the folder, of which whoever deletes it warns.
        for (String link : List.of("SingletonSocket", "SingletonCookie", "SingletonLock")) {
            try {
                Files.deleteIfExists(profile.resolve(link));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
