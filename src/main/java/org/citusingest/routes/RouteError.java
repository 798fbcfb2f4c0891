package org.citusingest.routes;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts Camel's many-lined errors about a route file into one: {@code file:line:column: why}. */
final class RouteError {
    // As the YAML reader says it: "in file:/x/a.camel.yaml, line 3, column 5:" or "... line 3"
    private static final Pattern LINE_COLUMN = Pattern.compile("line (\\d+)(?:, column (\\d+))?");

    private RouteError() {}

    static String describe(Path file, Throwable error) {
        Throwable cause = error;
        Matcher place = null;
        StringBuilder reasons = new StringBuilder();
        for (Throwable next = error;
                next != null;
                next = next.getCause() == next ? null : next.getCause()) {
            Matcher here = LINE_COLUMN.matcher(String.valueOf(next.getMessage()));
            if (place == null && here.find()) {
                place = here;
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
        reasons.append(message.strip().replaceAll("\\s*[\\r\\n]+\\s*", " "));
        return file + at + ": " + reasons;
    }
}
