package org.citusingest.monitoring;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRepository;
import org.citusingest.blobs.BlobsEndpoint;
import org.citusingest.blobs.StorageException;
import org.citusingest.ledger.Failure;

/**
 * A check for the container of each route that runs, {@code container:ROUTE}, and {@code storage}
 * over them: it is UP as long as the service answers for any of them.
 */
final class ContainerChecks implements HealthCheckRepository {
    private static final Duration KEEP = Duration.ofSeconds(10);

    private final CamelContext context;
    private final Executor executor;
    private final Map<Container, CachedCheck> checks = new HashMap<>();
    private final CachedCheck storage;
    private boolean enabled = true;

    /** A file that has changed brings another endpoint under the same route. */
    private record Container(String route, BlobsEndpoint endpoint) {}

    ContainerChecks(CamelContext context, Executor executor) {
        this.context = context;
        this.executor = executor;
        // It asks nothing but what the others have found.
        storage = new CachedCheck("storage", true, this::storage, Duration.ZERO, Runnable::run);
        storage.setCamelContext(context);
    }

    @Override
    public String getId() {
        return "containers";
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    @Override
    public Stream<HealthCheck> stream() {
        List<HealthCheck> all = new ArrayList<>(containers());
        all.add(storage);
        return enabled ? all.stream() : Stream.empty();
    }

    private synchronized List<CachedCheck> containers() {
        Map<Container, CachedCheck> running = new LinkedHashMap<>();
        for (Route route : context.getRoutes()) {
            if (route.getEndpoint() instanceof BlobsEndpoint blobs) {
                Container container = new Container(route.getRouteId(), blobs);
                CachedCheck known = checks.get(container);
                running.put(container, known == null ? check(container) : known);
            }
        }
        checks.clear();
        checks.putAll(running);
        running.values().forEach(CachedCheck::begin);
        return List.copyOf(running.values());
    }

    private CachedCheck check(Container container) {
        CachedCheck check =
                new CachedCheck(
                        "container:" + container.route(),
                        false,
                        () -> look(container.endpoint()),
                        KEEP,
                        executor);
        check.setCamelContext(context);
        return check;
    }

    private static Verdict look(BlobsEndpoint blobs) {
        try {
            blobs.check();
            return Verdict.up("readable");
        } catch (StorageException e) {
            String reason =
                    switch (e.status()) {
                        case 404 -> "not-found";
                        case 401, 403 -> "forbidden";
                        default -> "http-" + e.status();
                    };
            return Verdict.down(reason, Failure.oneLine(e));
        } catch (RuntimeException e) {
            return Verdict.down("unreachable", Failure.oneLine(e));
        }
    }

    private Verdict storage() {
        List<Verdict> found = containers().stream().map(CachedCheck::verdict).toList();
        if (found.isEmpty()) {
            return Verdict.up("no route that runs reads blobs");
        }
        return found.stream()
                .filter(one -> one.up() || one.reason().equals("not-found"))
                .findFirst()
                .map(one -> Verdict.up("it answers"))
                .orElse(found.get(0));
    }
}
