package org.citusingest.routes;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The route files that a context runs. Each is told its newest text, and {@link #settle} brings the
 * routes after it: a text is tried, the routes it replaces end, its own start. What cannot run
 * leaves the last good version running.
 */
public final class RouteFiles {
    private static final Logger LOG = LoggerFactory.getLogger(RouteFiles.class);

    // Templates come with the program, so that a folder of one's own has them too.
    private static final String TEMPLATES =
            "classpath:org/citusingest/routes/blob-to-citus.camel.yaml";

    /** A file may be broken by what is outside of the folder, such as a server that is down. */
    private static final Duration RETRY = Duration.ofSeconds(60);

    private final CamelContext context;
    private final RouteRules rules;
    private final RouteFolder.Check check;
    private final Map<Path, LiveFile> files = new TreeMap<>();
    private final Set<String> shippedTemplates;
    private final Map<Path, String> reported = new TreeMap<>();

    /** Counts what has been loaded and removed: each may be what a broken file waits for. */
    private long changes;

    private boolean followed;
    private volatile boolean anyRuns;
    private volatile List<RouteFile> outcomes = List.of();

    RouteFiles(CamelContext context, RouteRules rules, RouteFolder.Check check) throws Exception {
        this.context = context;
        this.rules = rules;
        this.check = check;
        rules.guard(context);
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(ResourceHelper.resolveResource(context, TEMPLATES));
        shippedTemplates =
                Definitions.in(context).templates().stream()
                        .map(OptionalIdentifiedDefinition::getId)
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** What came of each file, in the order of their names. */
    public List<RouteFile> outcomes() {
        return outcomes;
    }

    /**
     * Logs from here on what comes of the files, and shows it by JMX and among the health checks.
     */
    void follow() {
        followed = true;
        RouteFilesStatus.show(this, context);
    }

    /** Whether a file runs, or its last good version. */
    boolean anyRuns() {
        return anyRuns;
    }

    /** The files, those included that are on their way out. */
    Set<Path> paths() {
        return Set.copyOf(files.keySet());
    }

    /** The newest text of a file; null when there is none. */
    RouteText newest(Path file) {
        LiveFile known = files.get(file);
        return known == null ? null : known.newest;
    }

    /** Tells the newest text of a file; empty when the file has gone. */
    void want(Path file, Optional<RouteText> text) {
        files.computeIfAbsent(file, unused -> new LiveFile()).want(text.orElse(null));
    }

    /**
     * Does what can be done now.
     *
     * @return whether routes are on their way out, so that this is to be called again soon
     */
    boolean settle() {
        long before;
        do {
            before = changes;
            files.forEach(this::tryOut);
            files.forEach(this::replace);
            files.values().removeIf(file -> file.newest == null && file.upToDate());
        } while (changes > before);
        report();
        return files.values().stream().anyMatch(file -> file.drain != null);
    }

    /** Builds the newest text for trial, and again when that may end differently by now. */
    private void tryOut(Path path, LiveFile file) {
        if (file.newest == null || file.upToDate() || file.mayStart()) {
            return;
        }
        boolean again =
                file.triedAt < changes || System.nanoTime() - file.triedNanos > RETRY.toNanos();
        // What does not start is not tried again at the cost of what runs in its place.
        if (!again || (file.failedToStart && file.running != null)) {
            return;
        }
        file.triedAt = changes;
        file.triedNanos = System.nanoTime();
        file.failedToStart = false;
        file.trial =
                Trial.of(
                        context,
                        file.newest,
                        templatesOfOthers(file),
                        configured(file),
                        rules,
                        check);
    }

    private List<RouteTemplateDefinition> templatesOfOthers(LiveFile file) {
        List<RouteTemplateDefinition> own =
                file.running == null ? List.of() : file.running.definitions().templates();
        return Definitions.in(context).templates().stream()
                .filter(template -> !own.contains(template))
                .toList();
    }

    private List<RouteText> configured(LiveFile file) {
        return files.values().stream()
                .filter(other -> other != file && other.running != null)
                .map(other -> other.running)
                .filter(other -> !other.definitions().configurations().isEmpty())
                .map(LoadedFile::text)
                .toList();
    }

    private void replace(Path path, LiveFile file) {
        if (file.upToDate()) {
            file.error = null;
            return;
        }
        boolean wanted = judge(path, file);
        if (file.running != null) {
            if (file.drain == null) {
                if (!wanted) {
                    return;
                }
                file.drain = Drain.begin(context, file.running);
            }
            if (!file.drain.over()) {
                return;
            }
            unload(path, file);
        }
        if (file.newest != null && wanted) {
            if (free(file)) {
                load(path, file);
            }
        } else if (file.lastGood != null) {
            bringBack(file);
        }
    }

    /** Whether the newest text, or that there is none, may take the place of what runs. */
    private boolean judge(Path path, LiveFile file) {
        if (file.newest == null) {
            file.error = null;
            return true;
        }
        if (file.mayStart()) {
            file.error = taken(path, file).orElse(null);
            return file.error == null;
        }
        if (file.trial instanceof Trial.Failed failed) {
            file.error = failed.error();
        }
        return false;
    }

    /** What says that another file has an id of this one and keeps it; empty when none does. */
    private Optional<String> taken(Path path, LiveFile file) {
        Trial.Passed passed = file.passed();
        for (String id : passed.templateIds()) {
            if (shippedTemplates.contains(id)) {
                return Optional.of(templateTaken(path, id, "citus-ingest itself"));
            }
        }
        for (Map.Entry<Path, LiveFile> entry : files.entrySet()) {
            LiveFile other = entry.getValue();
            if (other == file) {
                continue;
            }
            String name = entry.getKey().getFileName().toString();
            for (String id : passed.routeIds()) {
                if (other.keeps(id)) {
                    return Optional.of(
                            "%s: the route id %s is taken by %s; an id names a pipeline, so give this one its own"
                                    .formatted(path, id, name));
                }
            }
            for (String id : passed.templateIds()) {
                if (other.templateIds().contains(id)) {
                    return Optional.of(templateTaken(path, id, name));
                }
            }
        }
        return Optional.empty();
    }

    private static String templateTaken(Path path, String id, String by) {
        return "%s: the route template %s is taken by %s; give this one a name of its own"
                .formatted(path, id, by);
    }

    /** Whether no other file has an id of this one, on its way out though it may be. */
    private boolean free(LiveFile file) {
        List<String> ids = file.passed().routeIds();
        return files.values().stream()
                .filter(other -> other != file)
                .noneMatch(other -> ids.stream().anyMatch(other::has));
    }

    private void unload(Path path, LiveFile file) {
        file.drain.end();
        file.drain = null;
        try {
            file.running.definitions().removeFrom(context);
        } catch (Exception e) {
            LOG.warn("routeFile={} could not be removed as a whole: {}", path, e.toString());
        }
        outdateUsersOf(file);
        file.lastGood = file.newest == null ? null : file.running.text();
        file.running = null;
        file.outdated = false;
        changes++;
        if (file.newest == null && followed) {
            LOG.info("routeFile={} removed", path);
        }
    }

    private void load(Path path, LiveFile file) {
        try {
            file.running = LoadedFile.load(context, file.newest);
            file.lastGood = null;
            changes++;
            outdateUsersOf(file);
            LOG.info(
                    "routeFile={} routes={} sha256={}",
                    path,
                    file.routeIds(),
                    file.newest.sha256());
        } catch (RouteFileException e) {
            file.error = e.getMessage();
            file.failedToStart = true;
            LOG.debug("routeFile={} does not start", path, e);
            bringBack(file);
        }
    }

    private void bringBack(LiveFile file) {
        RouteText text = file.lastGood;
        file.lastGood = null;
        if (text == null || text.equals(file.newest)) {
            return;
        }
        try {
            file.running = LoadedFile.load(context, text);
        } catch (RouteFileException e) {
            file.error += "; nor does what ran before start again: " + e.getMessage();
        }
    }

    /** Routes that were made of a template of the file are to be made again. */
    private void outdateUsersOf(LiveFile file) {
        Set<String> templates = file.running.templateIds();
        for (LiveFile other : files.values()) {
            if (other != file
                    && other.running != null
                    && other.running.usedTemplates().stream().anyMatch(templates::contains)) {
                other.outdated = true;
                other.trial = null;
            }
        }
    }

    /** Logs each error once, and shows what has come of the files. */
    private void report() {
        reported.keySet().retainAll(files.keySet());
        List<RouteFile> now = new ArrayList<>();
        files.forEach(
                (path, file) -> {
                    file.outcome(path).ifPresent(now::add);
                    if (!Objects.equals(file.error, reported.get(path))) {
                        reported.put(path, file.error);
                        if (file.error != null && followed) {
                            LOG.error(
                                    "routeFile={} not taken, the routes {} go on as before: {}",
                                    path,
                                    file.routeIds(),
                                    file.error);
                        }
                    }
                });
        anyRuns = files.values().stream().anyMatch(file -> file.running != null);
        outcomes = List.copyOf(now);
    }
}
