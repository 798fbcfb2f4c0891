package org.citusingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.citusingest.rows.SourceDataFormat;

/**
 * The options of a component or a data format as a table in Markdown.
 *
 * <p>Names and defaults of a component's options are those of its metadata. The text is the Javadoc
 * of the setter, from which the metadata is made too, but without the characters * and ?.
 */
final class OptionTable {
    private static final Pattern SETTER = Pattern.compile("public void set(\\w+)\\(");

    private OptionTable() {}

    /**
     * The options of a component that are its own, and those inherited ones that are named.
     *
     * @param inherited options of Camel's that belong into the table, with the defaults that they
     *     have here
     */
    static String ofComponent(String scheme, Class<?> endpoint, Map<String, String> inherited)
            throws IOException {
        String source = source(endpoint);
        StringJoiner table = table("| option | default | what it says |", "|---|---|---|");
        for (Map.Entry<String, JsonNode> entry : properties(scheme)) {
            String name = entry.getKey();
            JsonNode option = entry.getValue();
            if (isDeclared(endpoint, name) || inherited.containsKey(name)) {
                String otherwise =
                        option.get("required").asBoolean()
                                ? "required"
                                : code(
                                        inherited.getOrDefault(
                                                name, option.path("defaultValue").asText()));
                String text =
                        javadoc(source, setter(name))
                                .orElseGet(() -> sentence(option.get("description").asText()));
                table.add("| `%s` | %s | %s |".formatted(name, otherwise, text));
            }
        }
        return table.toString();
    }

    /** The options of a data format, for which there is no metadata, and those it shares. */
    static String ofDataFormat(Class<?> format) throws IOException {
        StringJoiner table = table("| option | what it says |", "|---|---|");
        Class<?> each = format;
        for (; each != SourceDataFormat.class; each = each.getSuperclass()) {
            addOptions(source(each), table);
        }
        return table.toString();
    }

    private static void addOptions(String source, StringJoiner table) {
        for (Matcher setter = SETTER.matcher(source); setter.find(); ) {
            String name = setter.group(1);
            String text =
                    javadoc(source, "set" + name)
                            .orElseThrow(() -> new AssertionError("No Javadoc: set" + name));
            table.add(
                    "| `%s` | %s |"
                            .formatted(
                                    Character.toLowerCase(name.charAt(0)) + name.substring(1),
                                    text));
        }
    }

    private static StringJoiner table(String head, String rule) {
        return new StringJoiner("\n", head + "\n" + rule + "\n", "");
    }

    private static Iterable<Map.Entry<String, JsonNode>> properties(String scheme)
            throws IOException {
        String name = "/META-INF/org/citusingest/%s/%s.json".formatted(scheme, scheme);
        try (InputStream in = OptionTable.class.getResourceAsStream(name)) {
            return new ObjectMapper().readTree(in).get("properties").properties();
        }
    }

    private static boolean isDeclared(Class<?> endpoint, String name) {
        return Arrays.stream(endpoint.getDeclaredMethods())
                .anyMatch(method -> method.getName().equals(setter(name)));
    }

    private static String setter(String name) {
        return "set" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static String source(Class<?> type) throws IOException {
        return Files.readString(
                Path.of("src/main/java", type.getName().replace('.', '/') + ".java"));
    }

    /** The comment of a method in one line of Markdown; empty where it has none. */
    private static Optional<String> javadoc(String source, String method) {
        int declaration = source.indexOf("public void " + method + "(");
        String before = source.substring(0, Math.max(0, declaration)).stripTrailing();
        if (!before.endsWith("*/")) {
            return Optional.empty();
        }
        String comment =
                before.substring(before.lastIndexOf("/**") + 3, before.length() - 2)
                        .replaceAll("\\R\\s*\\*", " ")
                        .replaceAll("\\s+", " ")
                        .replaceAll("\\{@code ([^}]*)}", "`$1`");
        return Optional.of(comment.strip());
    }

    private static String sentence(String text) {
        return text.endsWith(".") ? text : text + ".";
    }

    private static String code(String value) {
        return value.isEmpty() ? "" : "`" + value + "`";
    }
}
