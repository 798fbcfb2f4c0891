package org.citusingest.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.Route;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.awaitility.core.ThrowingRunnable;

/** A folder of routes with a context that follows it, and a bean that holds exchanges. */
final class FollowedFolder implements AutoCloseable {
    static final long PERIOD_MILLIS = 50;

    final Path folder;
    final CamelContext context = new DefaultCamelContext();

    /** How often the route of each id has been started. */
    private final Map<String, AtomicInteger> starts = new ConcurrentHashMap<>();

    /** Exchanges wait in the bean {@code gate} until this is opened. */
    final CountDownLatch gate = new CountDownLatch(1);

    final AtomicInteger entered = new AtomicInteger();
    final AtomicInteger passed = new AtomicInteger();

    /** Numbers the files of {@link #awaitLooks}. */
    private final AtomicInteger looks = new AtomicInteger();

    RouteFiles files;
    private RouteWatcher watcher;

    FollowedFolder(Path folder) {
        this.folder = folder;
        context.getShutdownStrategy().setTimeout(20);
        context.getRegistry()
                .bind(
                        "gate",
                        (Processor)
                                exchange -> {
                                    entered.incrementAndGet();
                                    if (gate.await(60, TimeUnit.SECONDS)) {
                                        passed.incrementAndGet();
                                    }
                                });
        context.getManagementStrategy()
                .addEventNotifier(
                        new SimpleEventNotifierSupport() {
                            @Override
                            public void notify(CamelEvent event) {
                                if (event instanceof CamelEvent.RouteStartedEvent started) {
                                    starts.computeIfAbsent(
                                                    started.getRoute().getRouteId(),
                                                    id -> new AtomicInteger())
                                            .incrementAndGet();
                                }
                            }
                        });
    }

    FollowedFolder follow() throws Exception {
        return follow((file, trial) -> {});
    }

    FollowedFolder follow(RouteFolder.Check check) throws Exception {
        context.start();
        RouteFolder routes = new RouteFolder(folder, RouteRules.NONE, check);
        files = routes.load(context);
        watcher = new RouteWatcher(routes, files, PERIOD_MILLIS);
        watcher.start();
        return this;
    }

    /** A route that answers with a text. */
    static String route(String id, String answer) {
        return """
                - route:
                    id: %s
                    from:
                      uri: direct:%s
                      steps:
                        - setBody: { constant: "%s" }
                """
                .formatted(id, id, answer);
    }

    /** A route whose exchanges wait at the gate. */
    static String gated(String id, String answer) {
        return """
                - route:
                    id: %s
                    from:
                      uri: seda:%s
                      steps:
                        - process: { ref: gate }
                        - setBody: { constant: "%s" }
                """
                .formatted(id, id, answer);
    }

    Path write(String name, String yaml) {
        try {
            return Files.writeString(folder.resolve(name), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void remove(String name) throws IOException {
        Files.delete(folder.resolve(name));
    }

    void rename(String from, String to) throws IOException {
        Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    String ask(String routeId) {
        try (ProducerTemplate template = context.createProducerTemplate()) {
            return template.requestBody("direct:" + routeId, "", String.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void send(String routeId) {
        try (ProducerTemplate template = context.createProducerTemplate()) {
            template.sendBody("seda:" + routeId + "?waitForTaskToComplete=Never", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> routeIds() {
        return context.getRoutes().stream().map(Route::getRouteId).sorted().toList();
    }

    int starts(String routeId) {
        AtomicInteger count = starts.get(routeId);
        return count == null ? 0 : count.get();
    }

    /** The error of a file; null when it has none. */
    String error(String name) {
        return RouteFile.broken(files.outcomes()).stream()
                .filter(file -> file.path().equals(folder.resolve(name)))
                .map(RouteFile.Broken::error)
                .findFirst()
                .orElse(null);
    }

    /**
     * Waits until the folder has been looked at some times more, told by a file that comes each
     * time.
     */
    void awaitLooks() throws IOException {
        String id = "look-" + looks.incrementAndGet();
        write(id + ".yaml", route(id, "seen"));
        awaitThat(() -> assertThat(routeIds()).contains(id));
        remove(id + ".yaml");
        awaitThat(() -> assertThat(routeIds()).doesNotContain(id));
    }

    /** Awaits an assertion. A route that is asked may have no consumer while it is exchanged. */
    static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30))
                .ignoreException(CamelExecutionException.class)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }

    @Override
    public void close() {
        gate.countDown();
        if (watcher != null) {
            watcher.close();
        }
        context.stop();
    }
}
