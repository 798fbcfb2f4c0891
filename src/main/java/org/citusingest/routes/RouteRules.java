package org.citusingest.routes;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.ExtendedCamelContext;
import org.apache.camel.spi.ComponentResolver;
import org.apache.camel.spi.DataFormatResolver;
import org.apache.camel.spi.LanguageResolver;
import org.apache.camel.support.PluginHelper;

/**
 * What the operator allows route files to use, so that writing into their folder is not the same as
 * running programs. Each list may be {@code *}, for all there is.
 *
 * @param components the schemes of endpoints; {@code from:file} is one that routes may read from
 *     and not write to
 * @param languages of expressions
 * @param dataFormats by name
 * @param steps those with an address or a method that is known only when an exchange comes
 * @param beans classes of which a file may make beans
 * @param writableBy whose being able to write into the folder is no reason to refuse it
 */
public record RouteRules(
        Set<String> components,
        Set<String> languages,
        Set<String> dataFormats,
        Set<String> steps,
        Set<String> beans,
        WritableBy writableBy) {

    private static final Set<String> ALL = Set.of("*");

    private static final String FROM = "from:";

    // Camel itself asks for them: for a method in an expression of simple, and for the option move
    // of file. Where a route names them, RouteScreen sees it.
    private static final Set<String> OF_CAMEL = Set.of("bean", "file");

    // The option rejectTo of citus: writes by the one, and the expressions of simple with an index
    // or a method in them ask for the other. Where a route names them, Sources sees it.
    private static final Set<String> KEPT = Set.of("azure-storage-blob", "bean");

    /** No rules: for folders that only the program itself writes into. */
    public static final RouteRules NONE =
            new RouteRules(ALL, ALL, ALL, ALL, ALL, WritableBy.ANYONE);

    public RouteRules {
        components = Set.copyOf(components);
        languages = Set.copyOf(languages);
        dataFormats = Set.copyOf(dataFormats);
        steps = Set.copyOf(steps);
        beans = Set.copyOf(beans);
    }

    /**
     * The rules that properties tell.
     *
     * @param properties gives the value of a property; null where it is not set
     * @throws IllegalArgumentException naming the property, its value and what is allowed
     */
    public static RouteRules read(UnaryOperator<String> properties) {
        return new RouteRules(
                list(
                        properties.apply("routes.components"),
                        "blobs, citus, jdbc, pgevent, from:file, azure-storage-queue,"
                                + " from:platform-http, timer, scheduler, quartz, cron, direct, seda,"
                                + " log"),
                list(
                        properties.apply("routes.languages"),
                        "constant, simple, header, exchangeProperty, variable, tokenize"),
                list(
                        properties.apply("routes.dataformats"),
                        "delimited, jsonLines, json, parquet, csv"),
                list(properties.apply("routes.steps"), ""),
                list(
                        properties.apply("routes.beans"),
                        "org.citusingest.rows.DelimitedDataFormat,"
                                + " org.citusingest.rows.json.JsonLinesDataFormat,"
                                + " org.citusingest.rows.json.JsonDataFormat,"
                                + " org.citusingest.rows.parquet.ParquetDataFormat"),
                WritableBy.of(properties.apply("routes.writable-by")));
    }

    private static Set<String> list(String value, String otherwise) {
        return Arrays.stream((value == null ? otherwise : value).split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Makes a context refuse what is not allowed, whenever a route comes to ask for it. */
    void guard(CamelContext context) {
        if (equals(NONE)) {
            return;
        }
        ExtendedCamelContext extension = context.getCamelContextExtension();
        extension.registerEndpointCallback(
                (uri, endpoint) -> {
                    RouteScreen.look(uri, this);
                    return endpoint;
                });
        ComponentResolver component = PluginHelper.getComponentResolver(extension);
        extension.addContextPlugin(
                ComponentResolver.class,
                (name, camel) -> {
                    require(
                            allows(components, name)
                                    || components.contains(FROM + name)
                                    || KEPT.contains(name),
                            "component",
                            name,
                            "routes.components",
                            components);
                    return component.resolveComponent(name, camel);
                });
        LanguageResolver language = PluginHelper.getLanguageResolver(extension);
        extension.addContextPlugin(
                LanguageResolver.class,
                (name, camel) -> {
                    require(
                            allows(languages, name) || OF_CAMEL.contains(name),
                            "language",
                            name,
                            "routes.languages",
                            languages);
                    return language.resolveLanguage(name, camel);
                });
        DataFormatResolver dataFormat = PluginHelper.getDataFormatResolver(extension);
        extension.addContextPlugin(
                DataFormatResolver.class,
                (name, camel) -> {
                    // A bean of this name was made under these rules.
                    require(
                            allows(dataFormats, name)
                                    || camel.getRegistry().lookupByName(name) != null,
                            "data format",
                            name,
                            "routes.dataformats",
                            dataFormats);
                    return dataFormat.createDataFormat(name, camel);
                });
    }

    /** Whether only the program itself may use the scheme. */
    boolean keeps(String scheme) {
        return KEPT.contains(scheme)
                && !allows(components, scheme)
                && !components.contains(FROM + scheme);
    }

    /** Whether routes may write to endpoints of the scheme. */
    boolean allowsWritingTo(String scheme) {
        return allows(components, scheme) || !components.contains(FROM + scheme);
    }

    static boolean allows(Set<String> allowed, String name) {
        return allowed.equals(ALL) || allowed.contains(name);
    }

    /** Says in one line that something is not allowed. */
    static String refusal(String kind, String name, String property, Set<String> allowed) {
        return "the %s %s is not among those that route files may use: %s; whoever runs citus-ingest can add it to %s (%s)"
                .formatted(
                        kind,
                        name,
                        allowed.isEmpty() ? "none" : String.join(", ", new TreeSet<>(allowed)),
                        property,
                        property.replace('.', '_').toUpperCase(java.util.Locale.ROOT));
    }

    private static void require(
            boolean allowed, String kind, String name, String property, Set<String> all) {
        if (!allowed) {
            throw new IllegalArgumentException(refusal(kind, name, property, all));
        }
    }
}
