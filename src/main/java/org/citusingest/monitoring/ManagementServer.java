package org.citusingest.monitoring;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.citusingest.monitoring.Page.Answer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server under {@code /observe}: the JDK's own, apart from those that routes open. Pages have
 * exactly one path each. Without a login nothing is answered but the open pages, whatever the path;
 * so no form of a path leads past the login.
 */
public final class ManagementServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ManagementServer.class);
    private static final int THREADS = 4;
    private static final String PLAIN = "text/plain; charset=utf-8";

    static {
        // Seconds; who sends or reads slower than that must not hold a thread.
        limit("sun.net.httpserver.maxReqTime", "10");
        limit("sun.net.httpserver.maxRspTime", "30");
    }

    private final HttpServer server;
    private final ExecutorService threads;
    private final Optional<byte[]> authorization;
    private final Map<String, Page> open = new ConcurrentHashMap<>();
    private final Map<String, Page> closed = new ConcurrentHashMap<>();
    private final Map<String, HttpHandler> mounted = new ConcurrentHashMap<>();

    private static void limit(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * Listens from now on.
     *
     * @throws IllegalStateException when it cannot, in one line
     */
    ManagementServer(ManagementSettings settings) {
        authorization = settings.login().map(ManagementServer::header);
        try {
            server = HttpServer.create(new InetSocketAddress(settings.host(), settings.port()), 0);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "The management server cannot listen on %s port %d: %s; set another management.port (MANAGEMENT_PORT), or 0 for none"
                            .formatted(
                                    settings.host().getHostAddress(),
                                    settings.port(),
                                    e.getMessage()),
                    e);
        }
        threads =
                Executors.newFixedThreadPool(
                        THREADS,
                        task -> {
                            Thread thread = new Thread(task, "citus-ingest management");
                            thread.setDaemon(true);
                            return thread;
                        });
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private static byte[] header(ManagementSettings.Login login) {
        byte[] both = (login.user() + ":" + login.password()).getBytes(StandardCharsets.UTF_8);
        return ("Basic " + Base64.getEncoder().encodeToString(both))
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** A page for everyone; what it shows may depend on the login. */
    void open(String path, Page page) {
        open.put(path, page);
    }

    /** A page for those who have logged in. */
    void closed(String path, Page page) {
        closed.put(path, page);
    }

    /**
     * What is under a path, of every method, for those who have logged in.
     *
     * @param path without a slash at the end
     */
    public void mount(String path, HttpHandler handler) {
        mounted.put(path, handler);
    }

    private void handle(HttpExchange exchange) throws IOException {
        secure(exchange.getResponseHeaders());
        String path = String.valueOf(exchange.getRequestURI().getRawPath());
        boolean known = isKnown(exchange);
        try {
            Optional<HttpHandler> handler = known ? handler(path) : Optional.empty();
            if (handler.isPresent()) {
                handler.get().handle(exchange);
            } else {
                send(exchange, answer(exchange, path, known));
            }
        } catch (IOException e) {
            LOG.debug("The asker has gone", e);
        } catch (Exception | LinkageError e) {
            LOG.warn("{} cannot be shown: {}", path, e.toString());
            LOG.debug("{} cannot be shown", path, e);
            send(exchange, new Answer(500, PLAIN, "It cannot be shown; see the log\n"));
        } finally {
            exchange.close();
        }
    }

    private boolean isKnown(HttpExchange exchange) {
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        return given != null
                && authorization.isPresent()
                && MessageDigest.isEqual(
                        authorization.get(), given.getBytes(StandardCharsets.UTF_8));
    }

    private Optional<HttpHandler> handler(String path) {
        return mounted.entrySet().stream()
                .filter(one -> path.equals(one.getKey()) || path.startsWith(one.getKey() + "/"))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private Answer answer(HttpExchange exchange, String path, boolean known) throws Exception {
        Page page = open.get(path);
        if (page == null && !known) {
            exchange.getResponseHeaders()
                    .set("WWW-Authenticate", "Basic realm=\"citus-ingest\", charset=\"UTF-8\"");
            return new Answer(
                    401,
                    PLAIN,
                    authorization.isPresent()
                            ? "Log in\n"
                            : "Only health is shown until MANAGEMENT_USER and MANAGEMENT_PASSWORD are set\n");
        }
        page = page == null ? closed.get(path) : page;
        if (page == null) {
            return new Answer(404, PLAIN, "There is nothing here\n");
        }
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            return new Answer(405, PLAIN, "Only GET and HEAD\n");
        }
        return page.get(known);
    }

    private static void secure(Headers headers) {
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        headers.set("Referrer-Policy", "no-referrer");
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
        }
        exchange.sendResponseHeaders(answer.status(), head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    /** Listens no more. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
