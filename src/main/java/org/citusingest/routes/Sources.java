package org.citusingest.routes;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;

/** Sees that what routes may only read from is not written to. */
final class Sources {
    private Sources() {}

    static void look(Path file, Definitions definitions, CamelContext trial, RouteRules rules)
            throws RouteFileException {
        for (RouteDefinition route : definitions.routes()) {
            if (route.getInput() != null) {
                kept(file, route.getInput(), route.getInput().getEndpointUri(), rules);
            }
            @SuppressWarnings("rawtypes")
            Collection<ProcessorDefinition> steps =
                    ProcessorDefinitionHelper.filterTypeInOutputs(
                            route.getOutputs(), ProcessorDefinition.class);
            for (ProcessorDefinition<?> step : steps) {
                String uri = null;
                if (step instanceof EndpointRequiredDefinition named) {
                    uri = named.getEndpointUri();
                } else if (step instanceof ToDynamicDefinition named) {
                    uri = named.getUri();
                }
                // A placeholder may be a parameter of a template: the endpoint tells.
                if (uri != null && !uri.startsWith("{{")) {
                    kept(file, step, uri, rules);
                    look(file, step, uri, rules);
                }
            }
        }
        // What is named elsewhere, as that of an error handler is.
        Set<Endpoint> sources =
                trial.getRoutes().stream().map(Route::getEndpoint).collect(Collectors.toSet());
        for (Endpoint endpoint : trial.getEndpoints()) {
            if (!sources.contains(endpoint)) {
                look(file, null, endpoint.getEndpointUri(), rules);
            }
        }
    }

    private static void kept(Path file, NamedNode step, String uri, RouteRules rules)
            throws RouteFileException {
        String scheme = scheme(uri);
        if (rules.keeps(scheme)) {
            throw new RouteFileException(
                    "%s: %s"
                            .formatted(
                                    RouteError.at(file, step),
                                    RouteRules.refusal(
                                            "component",
                                            scheme,
                                            "routes.components",
                                            rules.components())),
                    null);
        }
    }

    private static String scheme(String uri) {
        return uri.replaceFirst("(?s):.*", "");
    }

    private static void look(Path file, NamedNode step, String uri, RouteRules rules)
            throws RouteFileException {
        String scheme = scheme(uri);
        if (scheme.contains("$") && !RouteRules.allows(rules.steps(), "toD")) {
            throw new RouteFileException(
                    "%s: %s"
                            .formatted(
                                    RouteError.at(file, step),
                                    RouteRules.refusal(
                                            "step", "toD", "routes.steps", rules.steps())),
                    null);
        }
        if (!rules.allowsWritingTo(scheme)) {
            throw new RouteFileException(
                    "%s: %s: is for the start of a route, so that no file or address outside of the database is written to; whoever runs citus-ingest can add %s to routes.components (ROUTES_COMPONENTS)"
                            .formatted(RouteError.at(file, step), scheme, scheme),
                    null);
        }
    }
}
