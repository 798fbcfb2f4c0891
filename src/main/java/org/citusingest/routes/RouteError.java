package org.citusingest.routes;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.NamedNode;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;

/**
 * Puts Camel's many-lined errors about a route file into one: {@code file:line:column: why}. What
 * is found only when a route is built or started has no column, but the line of its step.
 */
final class RouteError {
    // As the YAML reader says it: "in file:/x/a.camel.yaml, line 3, column 5:" or "... line 3"
    private static final Pattern LINE_COLUMN = Pattern.compile("line (\\d+)(?:, column (\\d+))?");

    // The place again, and an excerpt of the file with a caret below it.
    private static final Pattern PLACE_AND_EXCERPT =
            Pattern.compile(",?\\s+in (?:file:|reader|'reader')\\S*, line \\d+.*", Pattern.DOTALL);

    // Camel masks in the URI what has the name of a secret, and then repeats it here.
    private static final Pattern UNKNOWN = Pattern.compile("(?s)Unknown parameters=\\[\\{(.*)}]");
    private static final Pattern NAME = Pattern.compile("(?:^|, )([\\w.-]+)=");

    private RouteError() {}

    /** The error in one line, with a place as exact as Camel knows it. */
    static String describe(Path file, Throwable error, CamelContext context) {
        Throwable cause = error;
        Matcher place = null;
        String routeId = null;
        String step = "";
        for (Throwable next = error;
                next != null;
                next = next.getCause() == next ? null : next.getCause()) {
            Matcher here = LINE_COLUMN.matcher(String.valueOf(next.getMessage()));
            if (place == null && here.find()) {
                place = here;
            }
            if (next instanceof FailedToCreateRouteException failed) {
                routeId = failed.getRouteId();
                step = String.valueOf(failed.getMessage());
            } else if (next instanceof FailedToStartRouteException failed && routeId == null) {
                routeId = failed.getRouteId();
            }
            cause = next;
        }
        String at = file.toString();
        if (place != null) {
            at += ":" + place.group(1) + (place.group(2) == null ? "" : ":" + place.group(2));
        } else if (routeId != null) {
            at = at(file, node(context, routeId, step));
        }
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        String reason = PLACE_AND_EXCERPT.matcher(message.strip()).replaceFirst("");
        return at
                + ": "
                + (routeId == null ? "" : "route " + routeId + ": ")
                + UNKNOWN.matcher(reason)
                        .replaceAll(unknown -> "Unknown parameters=" + names(unknown.group(1)))
                        .replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }

    private static List<String> names(String parameters) {
        return NAME.matcher(parameters).results().map(name -> name.group(1)).toList();
    }

    /** The file, and the line of a step where it is in this file and not in that of a template. */
    static String at(Path file, NamedNode node) {
        boolean known =
                node != null
                        && node.getLineNumber() > 0
                        && String.valueOf(node.getLocation()).endsWith(file.toString());
        return known ? file + ":" + node.getLineNumber() : file.toString();
    }

    /** The step of the route that is named in a message of Camel, or else the route. */
    private static NamedNode node(CamelContext context, String routeId, String message) {
        RouteDefinition route = Definitions.model(context).getRouteDefinition(routeId);
        if (route == null) {
            return null;
        }
        @SuppressWarnings("rawtypes")
        Collection<ProcessorDefinition> steps =
                ProcessorDefinitionHelper.filterTypeInOutputs(
                        route.getOutputs(), ProcessorDefinition.class);
        for (ProcessorDefinition<?> step : steps) {
            if (message.contains(">>> " + step + " <<<")) {
                return step;
            }
        }
        // Of the source of a route Camel says only that it made no route.
        boolean source = message.startsWith("Failed to create route") && !message.contains(">>> ");
        return source && route.getInput() != null ? route.getInput() : route;
    }
}
