package org.citusingest;

import com.azure.storage.queue.models.QueueStorageException;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.citusingest.blobs.BlobsEndpoint;
import org.citusingest.citus.CitusEndpoint;
import org.citusingest.citus.ServerRoom;
import org.citusingest.cli.Ingest.Finding;
import org.citusingest.events.EventQueue;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.citusingest.routes.RouteFile;
import org.citusingest.routes.RouteFolder;
import org.citusingest.routes.RouteRules;

/** What {@code citus-ingest check} looks at. Writes nothing. */
final class Checks {
    private Checks() {}

    /** The connection first, then the ledger. */
    static List<Finding> database(HikariDataSource dataSource, Ledger ledger) {
        List<Finding> findings = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT current_database(), current_user, current_setting('server_version'),"
                                        + " (SELECT extversion FROM pg_extension WHERE extname = 'citus')")) {
            row.next();
            findings.add(
                    new Finding(
                            "database",
                            true,
                            "%s as %s, PostgreSQL %s, %s"
                                    .formatted(
                                            row.getString(1),
                                            row.getString(2),
                                            row.getString(3),
                                            row.getString(4) == null
                                                    ? "without Citus"
                                                    : "Citus " + row.getString(4))));
            findings.add(ledgerFinding(ledger));
        } catch (SQLException e) {
            findings.add(new Finding("database", false, NoConnection.message(dataSource, e)));
        }
        return findings;
    }

    private static Finding ledgerFinding(Ledger ledger) {
        Optional<String> refusal = ledger.refusal();
        if (refusal.isPresent()) {
            return new Finding("ledger", false, refusal.get());
        }
        int version = ledger.version();
        if (version > ledger.knownVersion()) {
            return new Finding(
                    "ledger",
                    false,
                    "it has version %d, this citus-ingest knows versions up to %d: run the newer one that made it"
                            .formatted(version, ledger.knownVersion()));
        }
        return new Finding(
                "ledger",
                true,
                version == 0 ? "none yet, the first load creates it" : "version " + version);
    }

    /**
     * Says when the pools of this process may open more connections than a server gives.
     *
     * @param copying the size of the pool for copying, to the server and to each worker
     * @param leases the size of the pool for the leases
     */
    static Optional<String> tooFewConnections(Connection connection, int copying, int leases)
            throws SQLException {
        for (ServerRoom room : ServerRoom.read(connection)) {
            boolean worker = room.worker() != null;
            // To a worker also those by the server, one for each that copies there.
            int others = worker ? copying : leases;
            if (copying + others > room.connections()) {
                int fits = worker ? room.connections() / 2 : room.connections() - leases;
                return Optional.of(
                        "citus.connections (CITUS_CONNECTIONS) is %d, so that this process may have %d connections to %s, which gives %d: loads will wait for connections; set it to %d or raise max_connections there"
                                .formatted(
                                        copying,
                                        copying + others,
                                        worker ? "the worker " + room.worker() : "the server",
                                        room.connections(),
                                        Math.max(3, fits)));
            }
        }
        return Optional.empty();
    }

    /** Every route file, and every table and container that its routes name. */
    static List<Finding> routes(
            CamelContext context, Path folder, RouteRules rules, boolean database) {
        List<Finding> findings = new ArrayList<>();
        Map<Path, List<Finding>> ofEndpoints = new HashMap<>();
        List<RouteFile> files;
        try {
            files =
                    new RouteFolder(
                                    folder,
                                    rules,
                                    (file, trial) -> {
                                        ofEndpoints.put(file, endpoints(trial, database));
                                        if (database) {
                                            RouteChecks.look(file, trial);
                                        }
                                    })
                            .load(context)
                            .outcomes();
        } catch (IllegalArgumentException e) {
            return List.of(new Finding("routes", false, e.getMessage()));
        } catch (Exception e) {
            return List.of(new Finding("routes", false, Failure.oneLine(e)));
        }
        if (files.isEmpty()) {
            findings.add(new Finding("routes", false, "there is no route file in " + folder));
        }
        for (RouteFile file : files) {
            String subject = "file " + file.path().getFileName();
            if (file instanceof RouteFile.Broken broken) {
                findings.add(new Finding(subject, false, broken.error()));
            } else if (file instanceof RouteFile.Usable usable) {
                findings.add(new Finding(subject, true, "routes " + usable.routeIds()));
            }
            findings.addAll(ofEndpoints.getOrDefault(file.path(), List.of()));
        }
        return findings;
    }

    private static List<Finding> endpoints(CamelContext trial, boolean database) {
        List<Finding> findings = new ArrayList<>();
        trial.getEndpoints().stream()
                .sorted(Comparator.comparing(Endpoint::getEndpointUri))
                .forEach(endpoint -> check(endpoint, database, findings));
        return findings;
    }

    private static void check(Endpoint endpoint, boolean database, List<Finding> findings) {
        if (endpoint instanceof CitusEndpoint citus && database) {
            look("table " + citus.getTable(), () -> "columns " + citus.check(), findings);
        } else if (endpoint instanceof BlobsEndpoint blobs && blobs.getOperation() == null) {
            look(
                    "container " + blobs.getContainer(),
                    () -> blobs.check() ? "readable" : "readable, empty",
                    findings);
        } else if (isHeard(endpoint)) {
            EventQueue.of(endpoint)
                    .ifPresent(
                            queue ->
                                    look("queue " + queue.name(), () -> messages(queue), findings));
        }
    }

    /** Whether a route takes messages from it that will run. */
    private static boolean isHeard(Endpoint endpoint) {
        return endpoint.getCamelContext().getRoutes().stream()
                .anyMatch(
                        route ->
                                route.getEndpoint() == endpoint
                                        && !Boolean.FALSE.equals(route.isAutoStartup()));
    }

    private static String messages(EventQueue queue) {
        try {
            return queue.messages() + " messages";
        } catch (QueueStorageException e) {
            throw new SettingsException(
                    "%d %s: create it, or name another in BLOB_EVENTS_QUEUE"
                            .formatted(e.getStatusCode(), e.getErrorCode()));
        }
    }

    private static void look(String subject, Callable<String> what, List<Finding> findings) {
        try {
            findings.add(new Finding(subject, true, what.call()));
        } catch (Exception e) {
            findings.add(new Finding(subject, false, Failure.oneLine(e)));
        }
    }
}
