package org.citusingest.routes;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A route file of a folder that is followed: its newest text, the one whose routes run, and what is
 * wrong.
 */
final class LiveFile {
    /** The newest text; null when the file has gone. */
    RouteText newest;

    /** What came of building the newest text; null before that. */
    Trial trial;

    /** What has been loaded; null when nothing runs. */
    LoadedFile running;

    /** The way out of what runs; null unless it is on it. */
    Drain drain;

    /** What ran before, until the newest text runs in its place; null otherwise. */
    RouteText lastGood;

    /** Why the newest text does not run; null when it does. */
    String error;

    /** It built, and did not start. */
    boolean failedToStart;

    /** A template of what runs has changed. */
    boolean outdated;

    /** How far the others were when this was tried last. */
    long triedAt = -1;

    /** When this was tried last. */
    long triedNanos;

    /** Sets the newest text; null when there is none any more. */
    void want(RouteText text) {
        newest = text;
        trial = null;
        failedToStart = false;
        triedAt = -1;
    }

    /** Whether the newest text runs. */
    boolean upToDate() {
        return newest == null
                ? running == null && drain == null
                : running != null && drain == null && !outdated && running.text().equals(newest);
    }

    /** Whether the newest text can be expected to start. */
    boolean mayStart() {
        return trial instanceof Trial.Passed && !failedToStart;
    }

    /** What is known of the newest text, which passed its trial. */
    Trial.Passed passed() {
        return (Trial.Passed) trial;
    }

    /** Whether it has the route now, and will not let go of it. */
    boolean keeps(String routeId) {
        return has(routeId) && !leaves(routeId);
    }

    /** Whether the route is there because of it, perhaps on its way out. */
    boolean has(String routeId) {
        return running != null && running.routeIds().contains(routeId);
    }

    private boolean leaves(String routeId) {
        return newest == null
                || (error == null && mayStart() && !passed().routeIds().contains(routeId));
    }

    List<String> routeIds() {
        return running == null ? List.of() : running.routeIds();
    }

    Set<String> templateIds() {
        return running == null ? Set.of() : running.templateIds();
    }

    Optional<RouteFile> outcome(Path file) {
        if (error != null) {
            return Optional.of(new RouteFile.Broken(file, error));
        }
        return running == null || newest == null
                ? Optional.empty()
                : Optional.of(new RouteFile.Usable(file, running.routeIds()));
    }
}
