package org.citusingest.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.support.PluginHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the folder while the routes run: a new file's routes are started, those of a changed one
 * replaced, those of a removed one stopped. A file is taken when its content has stood still for a
 * period; a broken one leaves what runs as it is, and says where it is broken.
 */
public final class RouteWatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RouteWatcher.class);

    private final CamelContext context;
    private final RouteFolder folder;
    private final long periodMillis;
    private final Map<Path, Seen> files = new HashMap<>();
    private final Thread thread = new Thread(this::watch, "citus-ingest routes");

    /**
     * What is known of a file: the content of the last look, the one taken last, and its routes
     * that run.
     */
    private static final class Seen {
        private byte[] looked;
        private byte[] taken;
        private List<String> routeIds = List.of();
    }

    /**
     * Makes a watcher of a folder whose files have been loaded into a context that runs.
     *
     * @param loaded what came of loading them
     * @param periodMillis how often to look
     */
    public RouteWatcher(
            CamelContext context, RouteFolder folder, List<RouteFile> loaded, long periodMillis) {
        this.context = context;
        this.folder = folder;
        this.periodMillis = periodMillis;
        for (RouteFile file : loaded) {
            Seen seen = new Seen();
            seen.taken = content(file.path());
            seen.looked = seen.taken;
            seen.routeIds = file instanceof RouteFile.Usable usable ? usable.routeIds() : List.of();
            files.put(file.path(), seen);
        }
    }

    /** Starts to watch, on a thread of its own. */
    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(periodMillis);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        List<Path> present;
        try {
            present = folder.files();
        } catch (IllegalArgumentException e) {
            LOG.warn("The routes go on as they are: {}", e.getMessage());
            return;
        }
        for (Path gone : files.keySet().stream().filter(file -> !present.contains(file)).toList()) {
            remove(files.remove(gone).routeIds);
            LOG.info("routeFile={} removed", gone);
        }
        for (Path file : present) {
            Seen seen = files.computeIfAbsent(file, unused -> new Seen());
            byte[] now = content(file);
            boolean stands = Arrays.equals(now, seen.looked);
            seen.looked = now;
            if (stands && !Arrays.equals(now, seen.taken)) {
                seen.taken = now;
                take(file, seen);
            }
        }
    }

    private void take(Path file, Seen seen) {
        Set<String> others = new HashSet<>();
        files.values().stream()
                .filter(other -> other != seen)
                .forEach(other -> others.addAll(other.routeIds));
        RouteFile outcome = folder.inspect(context, file, others);
        if (outcome instanceof RouteFile.Usable usable) {
            try {
                PluginHelper.getRoutesLoader(context)
                        .updateRoutes(RouteFolder.resource(context, file));
                remove(
                        seen.routeIds.stream()
                                .filter(id -> !usable.routeIds().contains(id))
                                .toList());
                seen.routeIds = usable.routeIds();
                LOG.info("routeFile={} routes={}", file, usable.routeIds());
                return;
            } catch (Exception e) {
                outcome = new RouteFile.Broken(file, RouteError.describe(file, e));
            }
        }
        LOG.error(
                "routeFile={} not taken, the routes {} go on as before: {}",
                file,
                seen.routeIds,
                ((RouteFile.Broken) outcome).error());
    }

    /** Stops the routes after their exchanges in flight have ended. */
    private void remove(List<String> routeIds) {
        for (String id : routeIds) {
            try {
                context.getRouteController().stopRoute(id);
                context.removeRoute(id);
            } catch (Exception e) {
                LOG.warn("route={} could not be removed: {}", id, e.getMessage());
            }
        }
    }

    private static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            // Gone or being replaced; the next look tells.
            return new byte[0];
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
