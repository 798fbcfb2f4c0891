package org.citusingest.routes;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.model.BeanFactoryDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;

/** What route files declare in a context. */
record Definitions(
        List<RouteDefinition> routes,
        List<RouteTemplateDefinition> templates,
        List<RouteConfigurationDefinition> configurations,
        List<BeanFactoryDefinition<?>> beans) {

    /** All that a context has. */
    static Definitions in(CamelContext context) {
        Model model = model(context);
        return new Definitions(
                new ArrayList<>(model.getRouteDefinitions()),
                new ArrayList<>(model.getRouteTemplateDefinitions()),
                new ArrayList<>(model.getRouteConfigurationDefinitions()),
                new ArrayList<>(model.getCustomBeans()));
    }

    static Model model(CamelContext context) {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }

    /** These, but for those that are among others too. */
    Definitions without(Definitions others) {
        return new Definitions(
                without(routes, others.routes),
                without(templates, others.templates),
                without(configurations, others.configurations),
                without(beans, others.beans));
    }

    private static <T> List<T> without(List<T> all, Collection<T> others) {
        Set<T> left = Collections.newSetFromMap(new IdentityHashMap<>());
        left.addAll(others);
        return all.stream().filter(one -> !left.contains(one)).toList();
    }

    /** Takes them out of the context, where their routes have ended. */
    void removeFrom(CamelContext context) throws Exception {
        Model model = model(context);
        model.removeRouteDefinitions(routes);
        model.removeRouteTemplateDefinitions(templates);
        // By themselves: Camel would remove by id, and those without one are not told apart by it.
        model.getRouteConfigurationDefinitions().removeIf(configurations::contains);
        for (BeanFactoryDefinition<?> bean : beans) {
            model.getCustomBeans().remove(bean);
            context.getRegistry().unbind(bean.getName());
        }
    }
}
