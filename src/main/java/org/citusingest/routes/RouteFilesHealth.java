package org.citusingest.routes;

import java.util.List;
import java.util.Map;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * The readiness check {@code routes}: its details name each broken file. It is UP as long as any
 * file can run, for a process that is taken out of service because of one file stops the others
 * too; it is DOWN when there are files and none can run, as after a roll-out of wrong ones.
 */
final class RouteFilesHealth extends AbstractHealthCheck {
    private final RouteFiles files;

    RouteFilesHealth(RouteFiles files) {
        super("citus-ingest", "routes");
        this.files = files;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        List<RouteFile> all = files.outcomes();
        List<RouteFile.Broken> broken = RouteFile.broken(all);
        for (RouteFile.Broken file : broken) {
            builder.detail(file.path().getFileName().toString(), file.error());
        }
        if (!broken.isEmpty()) {
            builder.message(
                    "degraded: %d of %d route files cannot be used"
                            .formatted(broken.size(), all.size()));
        }
        if (!broken.isEmpty() && !files.anyRuns()) {
            builder.down();
        } else {
            builder.up();
        }
    }
}
