package org.citusingest.monitoring;

import com.azure.storage.queue.models.QueueStorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRepository;
import org.citusingest.blobs.BlobsEndpoint;
import org.citusingest.blobs.StorageException;
import org.citusingest.events.EventQueue;
import org.citusingest.ledger.Failure;

/**
 * A check for the container of each route that runs, {@code container:ROUTE}, and for its queue,
 * {@code queue:ROUTE}, and {@code storage} over them: it is UP as long as the service answers for
 * any of them.
 */
final class SourceChecks implements HealthCheckRepository {
    private static final Duration KEEP = Duration.ofSeconds(10);

    private final CamelContext context;
    private final Executor executor;
    private final Map<Source, CachedCheck> checks = new HashMap<>();
    private final CachedCheck storage;
    private boolean enabled = true;

    /** A file that has changed brings another endpoint under the same route. */
    private record Source(String route, Endpoint endpoint) {}

    SourceChecks(CamelContext context, Executor executor) {
        this.context = context;
        this.executor = executor;
        // It asks nothing but what the others have found.
        storage = new CachedCheck("storage", true, this::storage, Duration.ZERO, Runnable::run);
        storage.setCamelContext(context);
    }

    @Override
    public String getId() {
        return "sources";
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
        List<HealthCheck> all = new ArrayList<>(sources());
        all.add(storage);
        return enabled ? all.stream() : Stream.empty();
    }

    private synchronized List<CachedCheck> sources() {
        Map<Source, CachedCheck> running = new LinkedHashMap<>();
        for (Route route : context.getRoutes()) {
            Source source = new Source(route.getRouteId(), route.getEndpoint());
            CachedCheck known = checks.get(source);
            if (known != null) {
                running.put(source, known);
            } else {
                check(source).ifPresent(added -> running.put(source, added));
            }
        }
        checks.clear();
        checks.putAll(running);
        running.values().forEach(CachedCheck::begin);
        return List.copyOf(running.values());
    }

    private Optional<CachedCheck> check(Source source) {
        if (source.endpoint() instanceof BlobsEndpoint blobs) {
            return Optional.of(check("container:" + source.route(), () -> readable(blobs)));
        }
        // A route that never ran hears nothing: events are off until they are asked for.
        return context.getRouteController().getRouteStatus(source.route()).isStopped()
                ? Optional.empty()
                : EventQueue.of(source.endpoint())
                        .map(queue -> check("queue:" + source.route(), () -> heard(queue)));
    }

    private CachedCheck check(String name, Supplier<Verdict> look) {
        CachedCheck check = new CachedCheck(name, false, () -> look(look), KEEP, executor);
        check.setCamelContext(context);
        return check;
    }

    private static Verdict readable(BlobsEndpoint blobs) {
        try {
            blobs.check();
            return Verdict.up("readable");
        } catch (StorageException e) {
            return refused(e.status(), e);
        }
    }

    private static Verdict heard(EventQueue queue) {
        try {
            queue.messages();
            return Verdict.up("readable");
        } catch (QueueStorageException e) {
            return refused(e.getStatusCode(), e);
        }
    }

    private static Verdict refused(int status, RuntimeException e) {
        String reason =
                switch (status) {
                    case 404 -> "not-found";
                    case 401, 403 -> "forbidden";
                    default -> "http-" + status;
                };
        return Verdict.down(reason, Failure.oneLine(e));
    }

    private static Verdict look(Supplier<Verdict> look) {
        try {
            return look.get();
        } catch (RuntimeException e) {
            return Verdict.down("unreachable", Failure.oneLine(e));
        }
    }

    private Verdict storage() {
        List<Verdict> found = sources().stream().map(CachedCheck::verdict).toList();
        if (found.isEmpty()) {
            return Verdict.up("no route that runs reads from it");
        }
        return found.stream()
                .filter(one -> one.up() || one.reason().equals("not-found"))
                .findFirst()
                .map(one -> Verdict.up("it answers"))
                .orElse(found.get(0));
    }
}
