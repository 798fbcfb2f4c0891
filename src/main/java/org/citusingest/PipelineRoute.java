package org.citusingest;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Route;
import org.apache.camel.support.service.ServiceHelper;
import org.citusingest.citus.CitusEndpoint;

/** The route of a pipeline, and those that it hands on to, in a context whose routes do not run. */
final class PipelineRoute {
    private final CamelContext context;
    private final Route route;
    private final Set<Route> behind = new LinkedHashSet<>();
    private final Set<Endpoint> endpoints = new LinkedHashSet<>();

    private PipelineRoute(CamelContext context, Route route) {
        this.context = context;
        this.route = route;
        follow(route);
    }

    static Optional<PipelineRoute> find(CamelContext context, String id) {
        return Optional.ofNullable(context.getRoute(id))
                .map(route -> new PipelineRoute(context, route));
    }

    private void follow(Route from) {
        for (Endpoint endpoint : endpointsOf(from)) {
            if (endpoints.add(endpoint)) {
                for (Route other : context.getRoutes()) {
                    if (other != route
                            && endpoint.equals(other.getEndpoint())
                            && behind.add(other)) {
                        follow(other);
                    }
                }
            }
        }
    }

    /** What the steps of a route send to. */
    private static List<Endpoint> endpointsOf(Route route) {
        return route.getServices().stream()
                .filter(service -> !(service instanceof Consumer))
                .flatMap(service -> ServiceHelper.getChildServices(service).stream())
                .flatMap(
                        service ->
                                service instanceof EndpointAware sender
                                        ? Stream.ofNullable(sender.getEndpoint())
                                        : Stream.empty())
                .distinct()
                .toList();
    }

    String id() {
        return route.getRouteId();
    }

    /**
     * The option {@code onRemove} of its {@code citus:}.
     *
     * @throws IllegalArgumentException where there is more than one
     */
    Optional<String> onRemove() {
        List<String> statements = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            if (endpoint instanceof CitusEndpoint citus
                    && citus.getOnRemove() != null
                    && !statements.contains(citus.getOnRemove())) {
                statements.add(citus.getOnRemove());
            }
        }
        if (statements.size() > 1) {
            throw new IllegalArgumentException(
                    "The citus: of the route %s have different onRemove, so nothing was done: give one that takes a load out of all its summaries"
                            .formatted(id()));
        }
        return statements.stream().findFirst();
    }

    /** What the source of the route hands its exchanges to; the source itself stays stopped. */
    Consumer consumer() throws Exception {
        for (Route other : behind) {
            context.getRouteController().startRoute(other.getRouteId());
        }
        return route.getConsumer();
    }
}
