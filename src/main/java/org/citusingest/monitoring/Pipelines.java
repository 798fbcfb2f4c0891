package org.citusingest.monitoring;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.management.JMException;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointAware;
import org.apache.camel.Route;
import org.apache.camel.component.direct.DirectEndpoint;
import org.apache.camel.spi.ManagementAgent;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.service.ServiceHelper;
import org.citusingest.blobs.BlobsEndpoint;
import org.citusingest.citus.CitusEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipelines that run, each as an MBean that comes and goes with its route: the routes that read
 * blobs, and those that have a {@code citus:} and are not called by others.
 */
final class Pipelines extends LifecycleStrategySupport {
    private static final Logger LOG = LoggerFactory.getLogger(Pipelines.class);

    private final Map<String, Route> running = new ConcurrentHashMap<>();
    private final Function<Route, Pipeline> beans;

    /**
     * @param beans makes the MBean of a pipeline
     */
    Pipelines(Function<Route, Pipeline> beans) {
        this.beans = beans;
    }

    /** The ids of those that run. */
    Collection<String> ids() {
        return List.copyOf(running.keySet());
    }

    @Override
    public void onRoutesAdd(Collection<Route> routes) {
        for (Route route : routes) {
            if (isPipeline(route)) {
                running.put(route.getRouteId(), route);
                change(route, (agent, name) -> agent.register(beans.apply(route), name));
            }
        }
    }

    @Override
    public void onRoutesRemove(Collection<Route> routes) {
        for (Route route : routes) {
            if (running.remove(route.getRouteId(), route)) {
                change(route, ManagementAgent::unregister);
            }
        }
    }

    private static boolean isPipeline(Route route) {
        return route.getEndpoint() instanceof BlobsEndpoint
                || (!(route.getEndpoint() instanceof DirectEndpoint)
                        && route.getServices().stream()
                                .flatMap(one -> ServiceHelper.getChildServices(one).stream())
                                .anyMatch(Pipelines::copies));
    }

    private static boolean copies(Object service) {
        Endpoint to = service instanceof EndpointAware sender ? sender.getEndpoint() : null;
        return to instanceof CitusEndpoint;
    }

    private interface Change {
        void make(ManagementAgent agent, ObjectName name) throws JMException;
    }

    private static void change(Route route, Change change) {
        ManagementAgent agent =
                route.getCamelContext().getManagementStrategy().getManagementAgent();
        if (agent == null) {
            return;
        }
        try {
            change.make(agent, name(route));
        } catch (JMException e) {
            LOG.warn("JMX does not show the pipeline {}: {}", route.getRouteId(), e.toString());
        }
    }

    private static ObjectName name(Route route) throws MalformedObjectNameException {
        CamelContext context = route.getCamelContext();
        return new ObjectName(
                "org.citusingest:context=%s,type=pipelines,name=%s"
                        .formatted(context.getName(), ObjectName.quote(route.getRouteId())));
    }
}
