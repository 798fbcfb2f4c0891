package org.citusingest.routes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;

/**
 * The folder of YAML route files: each is tried by itself, and only those that can run are loaded.
 */
public final class RouteFolder {
    private final Path folder;
    private final RouteRules rules;
    private final Check check;

    /** The folder itself; what lies in folders below it is not read. */
    public RouteFolder(Path folder, RouteRules rules) {
        this(folder, rules, (file, trial) -> {});
    }

    /** A folder of which a check may refuse files. */
    public RouteFolder(Path folder, RouteRules rules, Check check) {
        this.folder = folder;
        this.rules = rules;
        this.check = check;
    }

    /**
     * The route files, in the order of their names.
     *
     * @throws IllegalArgumentException when there is no such folder, or others can write into it
     */
    public List<Path> files() {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "There is no folder %s: name the folder of the route files with --routes or ROUTES_DIR"
                            .formatted(folder.toAbsolutePath()));
        }
        try (Stream<Path> entries = Files.list(folder)) {
            Optional<String> refusal = rules.writableBy().refusal(folder);
            if (refusal.isPresent()) {
                throw new IllegalArgumentException("The folder " + refusal.get());
            }
            return entries.filter(RouteFolder::isRouteFile).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
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
     * Loads every route file that can run into a context that has started; their routes start one
     * by one, unless those of the context do not.
     */
    public RouteFiles load(CamelContext context) throws Exception {
        RouteFiles files = new RouteFiles(context, rules, check);
        texts().forEach((file, text) -> files.want(file, Optional.of(text)));
        files.settle();
        return files;
    }

    /** What the route files hold, in the order of their names. */
    Map<Path, RouteText> texts() {
        Map<Path, RouteText> texts = new TreeMap<>();
        for (Path file : files()) {
            RouteText.read(file, rules.writableBy()).ifPresent(text -> texts.put(file, text));
        }
        return texts;
    }

    /** Looks at a file that has been built for trial, before its routes run. */
    @FunctionalInterface
    public interface Check {
        /**
         * Refuses the file by an exception, whose message says why in one line.
         *
         * @param trial a context with the routes and endpoints of the file, none of them started
         */
        void look(Path file, CamelContext trial) throws Exception;
    }
}
