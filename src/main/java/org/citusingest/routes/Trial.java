package org.citusingest.routes;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.spi.RoutesLoader;
import org.apache.camel.support.PluginHelper;

/** What came of building a route file in a context of its own that starts nothing. */
sealed interface Trial {
    /** Its routes can run. */
    record Passed(List<String> routeIds, Set<String> templateIds) implements Trial {}

    /** They cannot; the error says where and why, in one line. */
    record Failed(String error) implements Trial {}

    /**
     * Builds a file beside what others declare.
     *
     * @param likeContext lends its beans and properties
     * @param templates what others have for the file to use
     * @param configured others with route configurations, which apply to the file's routes
     * @param rules what the file may use
     */
    static Trial of(
            CamelContext likeContext,
            RouteText text,
            List<RouteTemplateDefinition> templates,
            List<RouteText> configured,
            RouteRules rules,
            RouteFolder.Check check) {
        Path file = text.path();
        if (file.getFileName().toString().endsWith(".yml")) {
            return new Failed(file + ": Camel reads .yaml and not .yml: rename the file");
        }
        if (text.error() != null) {
            return new Failed(text.error());
        }
        CamelContext scratch = ScratchContext.like(likeContext);
        rules.guard(scratch);
        try {
            RouteScreen.look(text, rules);
            Definitions.model(scratch).addRouteTemplateDefinitions(templates);
            RoutesLoader loader = PluginHelper.getRoutesLoader(scratch);
            for (RouteText other : configured) {
                for (RoutesBuilder builder : loader.findRoutesBuilders(List.of(other.resource()))) {
                    scratch.addRoutesConfigurations((RouteConfigurationsBuilder) builder);
                }
            }
            LoadedFile loaded = LoadedFile.load(scratch, text);
            for (RouteDefinition route : loaded.definitions().routes()) {
                if (!route.hasCustomIdAssigned()) {
                    return new Failed(
                            RouteError.at(file, route)
                                    + ": a route has no id; the ledger knows its loads by it, so give it one");
                }
            }
            scratch.start();
            Sources.look(file, loaded.definitions(), scratch, rules);
            check.look(file, scratch);
            return new Passed(loaded.routeIds(), loaded.templateIds());
        } catch (RouteFileException e) {
            return new Failed(e.getMessage());
        } catch (Exception | LinkageError e) {
            return new Failed(RouteError.describe(file, e, scratch));
        } finally {
            scratch.stop();
        }
    }
}
