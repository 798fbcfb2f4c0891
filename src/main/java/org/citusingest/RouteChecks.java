package org.citusingest;

import java.nio.file.Path;
import java.sql.SQLException;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.citusingest.blobs.BlobsEndpoint;
import org.citusingest.citus.CitusEndpoint;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Overwrite;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a route file must keep to beyond what Camel knows, looked at before its routes run. */
final class RouteChecks {
    private static final Logger LOG = LoggerFactory.getLogger(RouteChecks.class);

    private RouteChecks() {}

    /** Refuses a file whose blobs replace others in a table that cannot tell their rows apart. */
    static void look(Path file, CamelContext trial) {
        boolean replaces =
                trial.getRoutes().stream()
                        .map(Route::getEndpoint)
                        .anyMatch(
                                endpoint ->
                                        endpoint instanceof BlobsEndpoint blobs
                                                && blobs.getOnOverwrite() == Overwrite.replace);
        if (!replaces) {
            return;
        }
        for (Endpoint endpoint : trial.getEndpoints()) {
            if (endpoint instanceof CitusEndpoint citus) {
                try {
                    citus.checkRemovable();
                } catch (SQLException e) {
                    // It is looked at again when a version is replaced.
                    LOG.warn(
                            "routeFile={} its table could not be looked at: {}",
                            file,
                            Failure.oneLine(e));
                }
            }
        }
    }
}
