package org.citusingest.citus;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Which field of a row goes to which column of the table.
 *
 * @param columns the columns that are copied, in the order of the table
 * @param fields for each of them the index of the row's field, counted from 0; {@link #LOAD_ID} for
 *     the id of the load
 * @param width how many fields a row has
 */
record ColumnMapping(List<Table.Column> columns, List<Integer> fields, int width) {
    /** Which of the columns has this name; -1 for none. */
    int place(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        return -1;
    }

    /** Stands for the id of the load in place of a field. */
    static final int LOAD_ID = -1;

    // Of any script; a mark belongs to its letter.
    private static final Pattern NOT_ALPHANUMERIC = Pattern.compile("[^\\p{L}\\p{M}\\p{N}]+");

    /**
     * Maps by name.
     *
     * @param names the names in the source; empty where it has none
     * @param option the option {@code columns}: {@code column} or {@code column=name in the
     *     source}, separated by commas; empty to map every name to the column of that name
     * @throws TableException when a name has no column or a column no name
     */
    static ColumnMapping of(Table table, List<String> names, String option) {
        Map<String, String> wanted = parse(option);
        if (names.isEmpty()) {
            if (wanted.isEmpty()) {
                throw new TableException(
                        "The rows have no column names, and are not mapped by their position by accident: give the"
                                + " names in the data format (header=true or columns=...) or in citus:"
                                + table.name()
                                + "?columns=..., in the order of the fields");
            }
            names = List.copyOf(wanted.keySet());
            return byName(table, names, names);
        }
        if (wanted.isEmpty()) {
            return byName(table, names, namedLikeColumns(table, names));
        }
        return renamed(table, names, wanted);
    }

    private static ColumnMapping byName(
            Table table, List<String> names, List<String> columnOfName) {
        Map<String, Integer> fields = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (!table.names().contains(columnOfName.get(i))) {
                unknown.add(names.get(i));
            } else if (fields.put(columnOfName.get(i), i) != null) {
                throw new TableException(
                        "Two columns of the source go to the column %s of %s: map them with columns=..."
                                .formatted(columnOfName.get(i), table.name()));
            }
        }
        List<String> missing =
                table.columns().stream()
                        .filter(
                                column ->
                                        !column.optional() && !column.name().equals(Table.LOAD_ID))
                        .map(Table.Column::name)
                        .filter(name -> !fields.containsKey(name))
                        .toList();
        if (!unknown.isEmpty() || !missing.isEmpty()) {
            throw new TableException(
                    "The columns of the source do not fit the table %s:%s%s. The source has [%s], the table has [%s]."
                                    .formatted(
                                            table.name(),
                                            unknown.isEmpty()
                                                    ? ""
                                                    : " no column for " + quoted(unknown),
                                            (unknown.isEmpty() || missing.isEmpty() ? "" : ",")
                                                    + (missing.isEmpty()
                                                            ? ""
                                                            : " nothing for " + quoted(missing)),
                                            String.join(", ", names),
                                            String.join(", ", table.names()))
                            + " Say what goes where with the option columns, such as columns=a=Name,b for the column a from Name and b from b; what it does not list is left out");
        }
        return of(table, fields, names.size());
    }

    private static ColumnMapping renamed(
            Table table, List<String> names, Map<String, String> wanted) {
        Map<String, Integer> fields = new HashMap<>();
        for (Map.Entry<String, String> entry : wanted.entrySet()) {
            if (!table.names().contains(entry.getKey())) {
                throw new TableException(
                        "columns= names the column %s, which %s does not have; it has [%s]"
                                .formatted(
                                        entry.getKey(),
                                        table.name(),
                                        String.join(", ", table.names())));
            }
            int field = names.indexOf(entry.getValue());
            if (field < 0) {
                field =
                        names.stream()
                                .map(ColumnMapping::normalized)
                                .toList()
                                .indexOf(normalized(entry.getValue()));
            }
            if (field < 0) {
                throw new TableException(
                        "columns= takes %s from '%s', which the source does not have; it has [%s]"
                                .formatted(
                                        entry.getKey(),
                                        entry.getValue(),
                                        String.join(", ", names)));
            }
            fields.put(entry.getKey(), field);
        }
        return of(table, fields, names.size());
    }

    private static ColumnMapping of(Table table, Map<String, Integer> fields, int width) {
        List<Table.Column> columns = new ArrayList<>();
        List<Integer> indexes = new ArrayList<>();
        for (Table.Column column : table.columns()) {
            Integer field = fields.get(column.name());
            if (field != null || column.name().equals(Table.LOAD_ID)) {
                columns.add(column);
                indexes.add(field != null ? field : LOAD_ID);
            }
        }
        return new ColumnMapping(List.copyOf(columns), List.copyOf(indexes), width);
    }

    /**
     * For each name of the source the column it means: the same name, else the same when
     * normalized.
     */
    private static List<String> namedLikeColumns(Table table, List<String> names) {
        Map<String, String> byNormalized = new HashMap<>();
        for (Table.Column column : table.columns()) {
            // No file means the id of its load by a name like "Load ID".
            if (!column.name().equals(Table.LOAD_ID)) {
                byNormalized.merge(normalized(column.name()), column.name(), (first, second) -> "");
            }
        }
        return names.stream()
                .map(
                        name ->
                                table.names().contains(name)
                                        ? name
                                        : byNormalized.getOrDefault(normalized(name), ""))
                .toList();
    }

    /**
     * {@code Airport Name} becomes {@code airport_name}, {@code Cost Total $} becomes {@code
     * cost_total}; a name without letters and digits stays as it is.
     */
    static String normalized(String name) {
        String joined = NOT_ALPHANUMERIC.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("_");
        int start = joined.startsWith("_") ? 1 : 0;
        int end = joined.endsWith("_") ? joined.length() - 1 : joined.length();
        return start < end ? joined.substring(start, end) : name;
    }

    /** The option {@code columns}: column to name in the source, in the order given. */
    static Map<String, String> parse(String option) {
        Map<String, String> wanted = new LinkedHashMap<>();
        if (option == null || option.isBlank()) {
            return wanted;
        }
        for (String part : option.split(",", -1)) {
            int equals = part.indexOf('=');
            String column = (equals < 0 ? part : part.substring(0, equals)).trim();
            String name = equals < 0 ? column : part.substring(equals + 1).trim();
            if (column.isEmpty() || name.isEmpty()) {
                throw new IllegalArgumentException(
                        "columns=%s: expected column or column=name in the source, separated by commas, found '%s'"
                                .formatted(option, part));
            }
            if (wanted.put(column, name) != null) {
                throw new IllegalArgumentException(
                        "columns=%s: the column %s is there twice".formatted(option, column));
            }
        }
        return wanted;
    }

    private static String quoted(List<String> names) {
        return names.stream()
                .map(name -> "'" + name + "'")
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }
}
