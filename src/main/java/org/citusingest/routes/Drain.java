package org.citusingest.routes;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Route;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.support.ScheduledPollConsumer;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes on their way out: they take no more, and what is in flight ends. Camel's own stop would
 * hold the lock of the whole context until then, and no other route could start.
 */
final class Drain {
    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    /** For what a route still does when nothing is in flight, such as ending its threads. */
    private static final Duration STOP = Duration.ofSeconds(10);

    private final CamelContext context;
    private final List<Route> routes;
    private final long started = System.nanoTime();

    private Drain(CamelContext context, List<Route> routes) {
        this.context = context;
        this.routes = routes;
    }

    /** Lets the routes take no more. */
    static Drain begin(CamelContext context, LoadedFile file) {
        List<Route> routes =
                file.routeIds().stream()
                        .map(context::getRoute)
                        .filter(route -> route != null && route.getConsumer() != null)
                        .toList();
        routes.forEach(Drain::takeNoMore);
        return new Drain(context, routes);
    }

    private static void takeNoMore(Route route) {
        Consumer consumer = route.getConsumer();
        if (consumer instanceof ShutdownAware aware
                && aware.deferShutdown(route.getShutdownRunningTask())) {
            // As direct: is called by what is in flight, perhaps of the same file.
            return;
        }
        try {
            if (consumer instanceof Suspendable) {
                ServiceHelper.suspendService(consumer);
            } else {
                ServiceHelper.stopService(consumer);
            }
        } catch (RuntimeException e) {
            LOG.warn(
                    "route={} does not stop to take more, and is ended all the same: {}",
                    route.getRouteId(),
                    e.toString());
        }
    }

    /** Whether the routes can be ended: they are idle, or have had the time of a shutdown. */
    boolean over() {
        return idle() || System.nanoTime() - started > shutdownTimeout().toNanos();
    }

    private boolean idle() {
        return routes.stream().allMatch(this::idle);
    }

    private boolean idle(Route route) {
        Consumer consumer = route.getConsumer();
        // A poll hands on one after the other, and in between none is in flight.
        boolean polling = consumer instanceof ScheduledPollConsumer poller && poller.isPolling();
        int pending = consumer instanceof ShutdownAware aware ? aware.getPendingExchangesSize() : 0;
        return !polling
                && pending == 0
                && context.getInflightRepository().size(route.getRouteId()) == 0;
    }

    private Duration shutdownTimeout() {
        return Duration.of(
                context.getShutdownStrategy().getTimeout(),
                context.getShutdownStrategy().getTimeUnit().toChronoUnit());
    }

    /** Ends the routes; what is in flight yet is broken off. */
    void end() {
        Duration patience = STOP;
        if (!idle()) {
            patience = Duration.ofMillis(1);
            LOG.warn(
                    "routes={} have not ended what they do within {} s, and are broken off",
                    routes.stream().map(Route::getRouteId).toList(),
                    shutdownTimeout().toMillis() / 1000.0);
        }
        for (Route route : routes) {
            try {
                context.getRouteController()
                        .stopRoute(route.getRouteId(), patience.toMillis(), TimeUnit.MILLISECONDS);
                context.removeRoute(route.getRouteId());
            } catch (Exception e) {
                LOG.warn("route={} could not be stopped: {}", route.getRouteId(), e.toString());
            }
        }
    }
}
