package org.citusingest.routes;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.FailedToCreateRouteException;

/**
 * Puts Camel's many-lined errors about a route file into one: {@code file:line:column: why}; what
 * is found only when a route is built has no line, but names the route.
 */
final class RouteError {
    // As the YAML reader says it: "in file:/x/a.camel.yaml, line 3, column 5:" or "... line 3"
    private static final Pattern LINE_COLUMN = Pattern.compile("line (\\d+)(?:, column (\\d+))?");

    // The place again, and an excerpt of the file with a caret below it.
    private static final Pattern PLACE_AND_EXCERPT =
            Pattern.compile(",?\\s+in (?:file:|reader|'reader')\\S*, line \\d+.*", Pattern.DOTALL);

    private RouteError() {}

    static String describe(Path file, Throwable error) {
        Throwable cause = error;
        Matcher place = null;
        String route = "";
        for (Throwable next = error;
                next != null;
                next = next.getCause() == next ? null : next.getCause()) {
            Matcher here = LINE_COLUMN.matcher(String.valueOf(next.getMessage()));
            if (place == null && here.find()) {
                place = here;
            }
            if (next instanceof FailedToCreateRouteException failed) {
                route = "route " + failed.getRouteId() + ": ";
            }
            cause = next;
        }
        String at =
                place == null
                        ? ""
                        : ":"
                                + place.group(1)
                                + (place.group(2) == null ? "" : ":" + place.group(2));
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        String reason = PLACE_AND_EXCERPT.matcher(message.strip()).replaceFirst("");
        return file + at + ": " + route + reason.replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
