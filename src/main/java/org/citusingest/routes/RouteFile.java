package org.citusingest.routes;

import java.nio.file.Path;
import java.util.List;

/** What came of a route file. */
public sealed interface RouteFile {
    /** The file. */
    Path path();

    /**
     * Its routes can run.
     *
     * @param routeIds the ids of its routes; empty for a file of templates or beans
     */
    record Usable(Path path, List<String> routeIds) implements RouteFile {}

    /**
     * It cannot be used; the others are not concerned.
     *
     * @param error where and why, in one line
     */
    record Broken(Path path, String error) implements RouteFile {}

    /** Those of them that cannot be used. */
    static List<Broken> broken(List<RouteFile> files) {
        return files.stream().filter(Broken.class::isInstance).map(Broken.class::cast).toList();
    }
}
