package org.citusingest.rows.json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A column, and where its values are in a record.
 *
 * @param name the name of the column
 * @param path the keys that lead to its value, from the outermost one
 */
record ColumnPath(String name, List<String> path) {
    ColumnPath {
        path = List.copyOf(path);
    }

    /**
     * Reads the option {@code columns}: columns separated by commas, each a key, keys joined by
     * dots, or a name, {@code =} and either those or a JSON Pointer.
     *
     * @throws IllegalArgumentException naming the option, its value and what is allowed
     */
    static List<ColumnPath> parse(String option) {
        List<ColumnPath> columns = new ArrayList<>();
        Set<String> names = new HashSet<>();
        if (option.isBlank()) {
            return columns;
        }
        for (String part : option.split(",", -1)) {
            int equals = part.indexOf('=');
            String place = part.substring(equals + 1).strip();
            String name = equals < 0 ? place : part.substring(0, equals).strip();
            if (name.isEmpty() || place.isEmpty()) {
                throw wrong(
                        option,
                        "it must be names, or name=place, separated by commas; found '%s'"
                                .formatted(part));
            }
            if (!names.add(name)) {
                throw wrong(option, "'%s' stands twice".formatted(name));
            }
            columns.add(
                    new ColumnPath(
                            name,
                            place.startsWith("/")
                                    ? pointer("columns", place)
                                    : Arrays.asList(place.split("\\.", -1))));
        }
        return columns;
    }

    private static IllegalArgumentException wrong(String option, String allowed) {
        return new IllegalArgumentException(
                "The option 'columns' is '%s', but %s".formatted(option, allowed));
    }

    /**
     * The keys of a JSON Pointer (RFC 6901); none for the empty text, which means the whole.
     *
     * @param option whose value it is
     */
    static List<String> pointer(String option, String pointer) {
        if (pointer.isEmpty()) {
            return List.of();
        }
        if (!pointer.startsWith("/") || pointer.matches(".*~(?![01]).*")) {
            throw new IllegalArgumentException(
                    "The option '%s' is '%s', but it must be a JSON Pointer such as /data/items, in which ~1 stands for / and ~0 for ~"
                            .formatted(option, pointer));
        }
        return Arrays.stream(pointer.substring(1).split("/", -1))
                .map(key -> key.replace("~1", "/").replace("~0", "~"))
                .toList();
    }
}
