package org.citusingest.routes;

import javax.management.JMException;
import javax.management.ObjectName;
import org.apache.camel.CamelContext;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.ManagementAgent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The route files as JMX shows them. */
@ManagedResource(description = "The folder of route files")
public final class RouteFilesStatus {
    private static final Logger LOG = LoggerFactory.getLogger(RouteFilesStatus.class);

    private final RouteFiles files;

    private RouteFilesStatus(RouteFiles files) {
        this.files = files;
    }

    /** Shows the files in the context's JMX domain and among its health checks. */
    static void show(RouteFiles files, CamelContext context) {
        HealthCheckRegistry checks = HealthCheckRegistry.get(context);
        if (checks != null) {
            checks.register(new RouteFilesHealth(files));
        }
        ManagementAgent agent = context.getManagementStrategy().getManagementAgent();
        if (agent == null) {
            return;
        }
        try {
            ObjectName ofContext =
                    context.getManagementStrategy()
                            .getManagementObjectNameStrategy()
                            .getObjectNameForCamelContext(context);
            agent.register(
                    new RouteFilesStatus(files),
                    new ObjectName(
                            "%s:context=%s,type=routefiles,name=\"routes\""
                                    .formatted(
                                            ofContext.getDomain(),
                                            ofContext.getKeyProperty("context"))));
        } catch (JMException e) {
            LOG.warn("JMX does not show the route files: {}", e.toString());
        }
    }

    @ManagedAttribute(description = "The files that can be used, each with the ids of its routes")
    public String[] getRouteFiles() {
        return files.outcomes().stream()
                .filter(RouteFile.Usable.class::isInstance)
                .map(RouteFile.Usable.class::cast)
                .map(file -> file.path().getFileName() + ": " + file.routeIds())
                .toArray(String[]::new);
    }

    @ManagedAttribute(description = "The files that cannot be used, as file:line:column: why")
    public String[] getBrokenFiles() {
        return RouteFile.broken(files.outcomes()).stream()
                .map(RouteFile.Broken::error)
                .toArray(String[]::new);
    }

    @ManagedAttribute(description = "How many files cannot be used")
    public int getBrokenFileCount() {
        return RouteFile.broken(files.outcomes()).size();
    }
}
