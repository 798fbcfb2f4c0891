package org.citusingest.routes;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.TemplatedRouteDefinition;
import org.apache.camel.support.PluginHelper;

/**
 * A route file in a context.
 *
 * @param usedTemplates the ids of the templates that its routes were made of
 */
record LoadedFile(RouteText text, Definitions definitions, Set<String> usedTemplates) {

    /**
     * Loads a file; its routes start where the context has started. Nothing of it is left when it
     * fails.
     */
    static LoadedFile load(CamelContext context, RouteText text) throws RouteFileException {
        Definitions before = Definitions.in(context);
        try {
            Set<String> usedTemplates = new TreeSet<>();
            var builders =
                    PluginHelper.getRoutesLoader(context)
                            .findRoutesBuilders(List.of(text.resource()));
            for (RoutesBuilder builder : builders) {
                context.addRoutes(builder);
                context.addTemplatedRoutes(builder);
                if (builder instanceof RouteBuilder routes) {
                    routes.getTemplatedRouteCollection().getTemplatedRoutes().stream()
                            .map(TemplatedRouteDefinition::getRouteTemplateRef)
                            .forEach(usedTemplates::add);
                }
            }
            return new LoadedFile(
                    text, Definitions.in(context).without(before), Set.copyOf(usedTemplates));
        } catch (Exception | LinkageError e) {
            RouteFileException failure =
                    new RouteFileException(RouteError.describe(text.path(), e, context), e);
            try {
                Definitions.in(context).without(before).removeFrom(context);
            } catch (Exception more) {
                failure.addSuppressed(more);
            }
            throw failure;
        }
    }

    List<String> routeIds() {
        return definitions.routes().stream().map(RouteDefinition::getRouteId).sorted().toList();
    }

    Set<String> templateIds() {
        return definitions.templates().stream()
                .map(OptionalIdentifiedDefinition::getId)
                .collect(Collectors.toUnmodifiableSet());
    }
}
