package org.citusingest.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/**
 * The folder of YAML route files: each is tried by itself, and only those that can run are loaded.
 */
public final class RouteFolder {
    // Templates come with the program, so that a folder of one's own has them too.
    private static final String TEMPLATES =
            "classpath:org/citusingest/routes/blob-to-citus.camel.yaml";

    private final Path folder;

    /** The folder itself; what lies in folders below it is not read. */
    public RouteFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * The route files, in the order of their names.
     *
     * @throws IllegalArgumentException when there is no such folder
     */
    public List<Path> files() {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "There is no folder %s: name the folder of the route files with --routes or ROUTES_DIR"
                            .formatted(folder.toAbsolutePath()));
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(RouteFolder::isRouteFile).sorted().toList();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "The folder %s cannot be read: %s".formatted(folder.toAbsolutePath(), e), e);
        }
    }

    // Hidden files are what editors and copying tools leave for a moment.
    private static boolean isRouteFile(Path file) {
        String name = file.getFileName().toString();
        return (name.endsWith(".yaml") || name.endsWith(".yml"))
                && !name.startsWith(".")
                && Files.isRegularFile(file);
    }

    /**
     * Loads every route file that can run into a context that has not been started.
     *
     * @return what came of each file
     */
    public List<RouteFile> load(CamelContext context) throws Exception {
        PluginHelper.getRoutesLoader(context).loadRoutes(templates(context));
        List<RouteFile> outcomes = new ArrayList<>();
        Set<String> taken = new TreeSet<>();
        for (Path file : files()) {
            RouteFile outcome = inspect(context, file, taken);
            if (outcome instanceof RouteFile.Usable usable) {
                taken.addAll(usable.routeIds());
                PluginHelper.getRoutesLoader(context).loadRoutes(resource(context, file));
            }
            outcomes.add(outcome);
        }
        return outcomes;
    }

    /** Whether a file can run beside the routes that other files have. */
    RouteFile inspect(CamelContext context, Path file, Set<String> takenIds) {
        RouteFile outcome = inspect(context, file, scratch -> {});
        if (outcome instanceof RouteFile.Usable usable) {
            for (String id : usable.routeIds()) {
                if (takenIds.contains(id)) {
                    return new RouteFile.Broken(
                            file,
                            "%s: the route id %s is taken by another file; an id names a pipeline, so give this one its own"
                                    .formatted(file, id));
                }
            }
        }
        return outcome;
    }

    /**
     * Builds a file in a context of its own that starts nothing, to find out whether it can run.
     *
     * @param likeContext lends its beans and properties
     * @param look is given the context with the routes and endpoints of the file, when it is usable
     */
    public static RouteFile inspect(
            CamelContext likeContext, Path file, Consumer<CamelContext> look) {
        if (file.getFileName().toString().endsWith(".yml")) {
            return new RouteFile.Broken(
                    file, file + ": Camel reads .yaml and not .yml: rename the file");
        }
        CamelContext scratch = ScratchContext.like(likeContext);
        try {
            PluginHelper.getRoutesLoader(scratch).loadRoutes(templates(scratch));
            PluginHelper.getRoutesLoader(scratch).loadRoutes(resource(scratch, file));
            scratch.start();
            List<String> ids =
                    scratch.getRoutes().stream().map(Route::getRouteId).sorted().toList();
            look.accept(scratch);
            return new RouteFile.Usable(file, ids);
        } catch (Exception e) {
            return new RouteFile.Broken(file, RouteError.describe(file, e));
        } finally {
            scratch.stop();
        }
    }

    private static Resource templates(CamelContext context) {
        return ResourceHelper.resolveResource(context, TEMPLATES);
    }

    static Resource resource(CamelContext context, Path file) {
        return ResourceHelper.resolveResource(context, "file:" + file.toAbsolutePath());
    }
}
