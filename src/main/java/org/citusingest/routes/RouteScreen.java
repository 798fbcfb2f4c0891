package org.citusingest.routes;

import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.util.URISupport;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Looks at the text of a route file before Camel makes anything of it, since a bean runs code as it
 * is made. What names a component, a language or a data format is left to the resolvers of {@link
 * RouteRules}.
 */
final class RouteScreen {
    private static final int MOST_NESTED = 100;

    /** Far more than any file of 1 MiB needs that does not repeat itself by aliases. */
    private static final int MOST_NODES = 200_000;

    private static final LoadSettings SETTINGS = LoadSettings.builder().build();

    private static final Map<String, String> STEPS =
            Map.of(
                    "bean", "bean",
                    "tod", "toD",
                    "recipientlist", "recipientList",
                    "routingslip", "routingSlip",
                    "dynamicrouter", "dynamicRouter",
                    "enrich", "enrich",
                    "pollenrich", "pollEnrich",
                    "kamelet", "kamelet");

    /** Languages that are named by a key of their own, and that Camel needs for itself. */
    private static final Map<String, String> LANGUAGES = Map.of("method", "bean");

    /** Options that run code, read objects that others wrote, or write files where others say. */
    private static final Set<String> OPTIONS =
            Set.of(
                    "beantype",
                    "builderclass",
                    "factorybean",
                    "factorymethod",
                    "initmethod",
                    "destroymethod",
                    "scriptlanguage",
                    "outputclass",
                    "aggregationrepository",
                    "allowjavaserializedobject",
                    "transferexception",
                    "transferexchange",
                    "filedir");

    /** The same as an option, for whoever writes files of a container: CVE-2026-66906. */
    private static final String DIRECTORY_HEADER = "CamelAzureStorageBlobFileDir";

    private static final Pattern OPTION_IN_URI = Pattern.compile("[?&]([A-Za-z-]+)=");

    private static final Pattern MAKES_OBJECT = Pattern.compile("#(?:class|type):");

    private static final Pattern LOADED = Pattern.compile("^resource:(?!classpath:)");

    // In an expression of simple: what is outside of the exchange, and ways from an object to its
    // class.
    private static final Pattern OUTSIDE =
            Pattern.compile(
                    "\\$(?:simple)?\\{\\s*(?:bean|ref|type|camelContext|exchange|sys|sysenv|env|properties)\\b"
                            + "|\\$(?:simple)?\\{[^}]*\\b(?:getClass|class|classLoader|getContext|camelContext)\\b");

    private static final Pattern PLACEHOLDER =
            Pattern.compile("\\{\\{\\s*\\??(?:(?:env|sys|service[.a-z]*):)?([^:?}\\s]+)");

    private static final Pattern SECRET =
            Pattern.compile(
                    "(?i)^(?:citus|storage|camel)[._].*|.*(?:passw|secret|credential|connection.?string).*"
                            + "|.*(?:account|access|storage|api|private).?key.*|(?:.*[._-])?(?:sas|token|pwd|pw)");

    private final String place;
    private final RouteRules rules;
    private int nodes;

    private RouteScreen(String place, RouteRules rules) {
        this.place = place;
        this.rules = rules;
    }

    /** Refuses a file by an exception that says where and why. */
    static void look(RouteText text, RouteRules rules) throws RouteFileException {
        if (rules.equals(RouteRules.NONE)) {
            return;
        }
        RouteScreen screen = new RouteScreen(text.path().toString(), rules);
        try {
            screen.measure(text.text());
            for (Node node : new Compose(SETTINGS).composeAllFromString(text.text())) {
                screen.look(node, 0);
            }
        } catch (YamlEngineException e) {
            // Camel says it, with the place.
        }
    }

    /** Without going down into it, which too deep a nesting would make impossible. */
    private void measure(String yaml) throws RouteFileException {
        int depth = 0;
        for (Event event : new Parse(SETTINGS).parseString(yaml)) {
            if (event instanceof CollectionStartEvent) {
                depth++;
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
            if (depth > MOST_NESTED) {
                throw tooDeep(event.getStartMark().orElse(null));
            }
        }
    }

    private void look(Node node, int depth) throws RouteFileException {
        if (depth > MOST_NESTED) {
            throw tooDeep(node.getStartMark().orElse(null));
        }
        if (++nodes > MOST_NODES) {
            throw refuse(
                    node.getStartMark().orElse(null),
                    "its aliases make more than %d nodes of it: write out what they stand for"
                            .formatted(MOST_NODES));
        }
        if (node instanceof SequenceNode sequence) {
            for (Node element : sequence.getValue()) {
                look(element, depth + 1);
            }
        } else if (node instanceof MappingNode mapping) {
            for (NodeTuple entry : mapping.getValue()) {
                if (entry.getKeyNode() instanceof ScalarNode key) {
                    key(key, entry.getValueNode());
                }
                look(entry.getKeyNode(), depth + 1);
                look(entry.getValueNode(), depth + 1);
            }
        } else if (node instanceof ScalarNode scalar) {
            text(scalar);
        }
    }

    private static String plain(String name) {
        return name.replace("-", "").toLowerCase(Locale.ROOT);
    }

    private void key(ScalarNode key, Node value) throws RouteFileException {
        String name = plain(key.getValue());
        String step = STEPS.get(name);
        if (step != null && !RouteRules.allows(rules.steps(), step)) {
            throw refuse(key, RouteRules.refusal("step", step, "routes.steps", rules.steps()));
        }
        String language = LANGUAGES.get(name);
        if (language != null && !RouteRules.allows(rules.languages(), language)) {
            throw refuse(
                    key,
                    RouteRules.refusal(
                            "language", language, "routes.languages", rules.languages()));
        }
        option(key, key.getValue());
        if (name.equals("beans") && value instanceof SequenceNode beans) {
            beans(beans.getValue());
        }
    }

    private void option(Node at, String name) throws RouteFileException {
        Optional<String> refusal = refusal(name, rules);
        if (refusal.isPresent()) {
            throw refuse(at, refusal.get());
        }
    }

    private static Optional<String> refusal(String option, RouteRules rules) {
        return OPTIONS.contains(plain(option)) && !rules.beans().contains("*")
                ? Optional.of(
                        "the option %s can run code, read objects of others or write files where others say, and is not for route files"
                                .formatted(option))
                : Optional.empty();
    }

    /**
     * Looks at the URI of an endpoint as Camel has put it together, from whatever placeholders and
     * parameters.
     */
    static void look(String uri, RouteRules rules) {
        try {
            for (String option : URISupport.parseQuery(URISupport.extractQuery(uri)).keySet()) {
                refusal(option, rules)
                        .ifPresent(
                                refusal -> {
                                    throw new IllegalArgumentException(refusal);
                                });
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("The options of an endpoint are not understood", e);
        }
    }

    private void beans(List<Node> beans) throws RouteFileException {
        for (Node bean : beans) {
            if (!(bean instanceof MappingNode mapping)) {
                continue;
            }
            for (NodeTuple entry : mapping.getValue()) {
                if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                    continue;
                }
                String name = plain(key.getValue());
                if (name.equals("script") && !rules.beans().contains("*")) {
                    throw refuse(
                            key, "a bean that is a script runs code, and is not for route files");
                }
                if (name.equals("type") && entry.getValueNode() instanceof ScalarNode type) {
                    String wanted = type.getValue().replaceFirst("^#class:", "");
                    if (!RouteRules.allows(rules.beans(), wanted)) {
                        throw refuse(
                                type,
                                RouteRules.refusal(
                                        "bean type", wanted, "routes.beans", rules.beans()));
                    }
                }
            }
        }
    }

    private void text(ScalarNode scalar) throws RouteFileException {
        String text = scalar.getValue();
        for (Matcher option = OPTION_IN_URI.matcher(text); option.find(); ) {
            option(scalar, option.group(1));
        }
        if (rules.beans().contains("*")) {
            return;
        }
        if (text.strip().equalsIgnoreCase(DIRECTORY_HEADER)) {
            throw refuse(
                    scalar,
                    "the header %s writes files where others say, and is not for route files"
                            .formatted(DIRECTORY_HEADER));
        }
        // The type of a bean has been looked at.
        if (MAKES_OBJECT.matcher(text).find()
                && !rules.beans().contains(text.replaceFirst("^#class:", ""))) {
            throw refuse(
                    scalar, "an object is made of a class by its name; declare a bean instead");
        }
        if (LOADED.matcher(text).find()) {
            throw refuse(scalar, "an expression is read from elsewhere; write it into the route");
        }
        if (OUTSIDE.matcher(text).find()) {
            throw refuse(
                    scalar,
                    "an expression goes beyond the message that it is about: beans, types, classes, the environment"
                            + " and Camel itself are not for route files");
        }
        for (Matcher key = PLACEHOLDER.matcher(text); key.find(); ) {
            if (SECRET.matcher(key.group(1)).matches()) {
                throw refuse(
                        scalar,
                        "the placeholder %s is a setting of citus-ingest or has the name of a secret, and is not for route files; give it another name"
                                .formatted(key.group(1)));
            }
        }
    }

    /** By its own nests, or by an alias of what it is in. */
    private RouteFileException tooDeep(Mark mark) {
        return refuse(
                mark, "it is nested more than %d levels deep: no route is".formatted(MOST_NESTED));
    }

    private RouteFileException refuse(Node at, String why) {
        return refuse(at.getStartMark().orElse(null), why);
    }

    private RouteFileException refuse(Mark mark, String why) {
        return new RouteFileException(
                "%s%s: %s"
                        .formatted(
                                place,
                                mark == null
                                        ? ""
                                        : ":%d:%d"
                                                .formatted(
                                                        mark.getLine() + 1, mark.getColumn() + 1),
                                why),
                null);
    }
}
