package org.citusingest.monitoring;

import com.zaxxer.hikari.HikariDataSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.citusingest.ledger.Ledger;

/**
 * What people and machines see of a process that stays: health, metrics and MBeans. A command that
 * ends by itself has none of it.
 */
public final class Monitoring implements AutoCloseable {
    /** Name who takes traces. */
    private static final List<String> TRACES =
            List.of("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");

    private final Optional<ManagementServer> server;
    private final HealthPages health = new HealthPages();
    private final ExecutorService threads =
            Executors.newCachedThreadPool(
                    task -> {
                        Thread thread = new Thread(task, "citus-ingest look");
                        thread.setDaemon(true);
                        return thread;
                    });
    private final Ledger ledger;
    private final HikariDataSource leases;
    private final Pipelines pipelines;
    private final Metrics metrics;
    private final Optional<Traces> traces;
    private volatile IntSupplier brokenRouteFiles = () -> 0;

    /**
     * Listens at once, so that a port that is taken stops the start before anything is loaded.
     *
     * @param copying the pool of connections for rows
     * @param leases the pool of connections for short statements
     */
    public Monitoring(
            ManagementSettings settings,
            Ledger ledger,
            HikariDataSource copying,
            HikariDataSource leases) {
        this.ledger = ledger;
        this.leases = leases;
        server =
                settings.port() == 0
                        ? Optional.empty()
                        : Optional.of(new ManagementServer(settings));
        LedgerLook look = new LedgerLook(ledger, this::pipelineIds, threads);
        metrics = new Metrics(look, List.of(copying, leases), () -> brokenRouteFiles.getAsInt());
        LoadCounters counters = new LoadCounters(metrics::count);
        pipelines =
                new Pipelines(
                        route ->
                                new Pipeline(route, ledger, counters.of(route.getRouteId()), look));
        ledger.observe(counters);
        ledger.observe(metrics);
        traces =
                TRACES.stream().map(System::getenv).anyMatch(to -> to != null && !to.isBlank())
                        ? Optional.of(Traces.ofEnvironment())
                        : Optional.empty();
        traces.ifPresent(ledger::observe);
        server.ifPresent(this::open);
    }

    private Collection<String> pipelineIds() {
        return pipelines.ids();
    }

    private void open(ManagementServer to) {
        to.open("/observe/health", health::all);
        to.open("/observe/health/live", health::live);
        to.open("/observe/health/ready", health::ready);
        to.closed("/observe/metrics", metrics::page);
    }

    /** The server, for further pages; empty where there is none. */
    public Optional<ManagementServer> server() {
        return server;
    }

    /** Shows a context that has started, before it has any route. */
    public void show(CamelContext context) {
        HealthCheckRegistry checks = HealthCheckRegistry.get(context);
        // The first poll of a source takes as long as what is there.
        checks.setInitialState(HealthCheck.State.UP);
        new DatabaseChecks(leases, ledger).checks(threads).forEach(checks::register);
        checks.register(new SourceChecks(context, threads));
        context.addLifecycleStrategy(pipelines);
        traces.ifPresent(to -> to.show(context));
        health.show(context);
    }

    /** Counts the route files that cannot be used. */
    public void brokenRouteFiles(IntSupplier count) {
        brokenRouteFiles = count;
    }

    @Override
    public void close() {
        server.ifPresent(ManagementServer::close);
        threads.shutdownNow();
        metrics.close();
        traces.ifPresent(Traces::close);
    }
}
