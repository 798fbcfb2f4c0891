package org.citusingest.console;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jolokia.json.JSONStructure;
import org.jolokia.server.core.config.StaticConfiguration;
import org.jolokia.server.core.http.HttpRequestHandler;
import org.jolokia.server.core.request.EmptyResponseException;
import org.jolokia.server.core.service.JolokiaServiceManagerFactory;
import org.jolokia.server.core.service.api.JolokiaServiceManager;
import org.jolokia.server.core.service.impl.ClasspathServiceCreator;
import org.jolokia.server.core.service.impl.QuietLogHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jolokia for programs that collect what the MBeans say: it reads what {@link ConsolePolicy} lets
 * be read, and calls and writes nothing. The login is the business of the server it is put into.
 */
public final class JolokiaPage implements HttpHandler, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JolokiaPage.class);
    private static final int MOST_REQUEST_BYTES = 1 << 16;

    private final String path;
    private final JolokiaServiceManager services;
    private final HttpRequestHandler jolokia;

    /**
     * @param path where it is put, without a slash at the end
     */
    public JolokiaPage(String path) {
        this.path = path;
        services =
                JolokiaServiceManagerFactory.createJolokiaServiceManager(
                        new StaticConfiguration(
                                Map.of(
                                        "agentId", "citus-ingest",
                                        "mbeanQualifier", "qualifier=observe",
                                        "allowErrorDetails", "false",
                                        "includeStackTrace", "false",
                                        "discoveryEnabled", "false")),
                        new QuietLogHandler(),
                        ConsolePolicy.readOnly());
        services.addServices(
                new ClasspathServiceCreator(JolokiaPage.class.getClassLoader(), "services"));
        jolokia = new HttpRequestHandler(services.start());
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try {
            answer(exchange);
        } finally {
            exchange.close();
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        // Programs send none of these; a browser does for the page of another site.
        if (exchange.getRequestHeaders().containsKey("Origin")
                || exchange.getRequestHeaders().containsKey("Sec-Fetch-Site")) {
            exchange.sendResponseHeaders(403, -1);
            return;
        }
        byte[] body = exchange.getRequestBody().readNBytes(MOST_REQUEST_BYTES + 1);
        if (body.length > MOST_REQUEST_BYTES) {
            // The rest of it is not read: whoever sends it must not use this connection again.
            exchange.getResponseHeaders().set("Connection", "close");
            exchange.sendResponseHeaders(413, -1);
            return;
        }
        try {
            JSONStructure json =
                    switch (exchange.getRequestMethod()) {
                        case "GET" ->
                                jolokia.handleGetRequest(
                                        path, below(exchange.getRequestURI().getPath()), Map.of());
                        case "POST" ->
                                jolokia.handlePostRequest(
                                        path, new ByteArrayInputStream(body), null, Map.of());
                        default -> null;
                    };
            if (json == null) {
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            byte[] answer = json.toJSONString().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        } catch (EmptyResponseException | RuntimeException e) {
            LOG.debug("A request to Jolokia was none", e);
            exchange.sendResponseHeaders(400, -1);
        }
    }

    private String below(String asked) {
        return asked.length() > path.length() ? asked.substring(path.length()) : "/version";
    }

    @Override
    public void close() {
        services.stop();
    }
}
