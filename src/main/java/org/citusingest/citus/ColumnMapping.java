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
 * @param fields for each of them the index of the row's field, counted from 0; negative for a value
 *     that is given, see {@link #given(int)}
 * @param given the values that no field has
 * @param rescued the fields that go into no column of their own, but together into one
 * @param width how many fields a row has
 */
record ColumnMapping(
        List<Table.Column> columns,
        List<Integer> fields,
        List<Given> given,
        List<Rescued> rescued,
        int width) {
    /** The column for what has none, with onNewColumn=rescue. */
    static final String RESCUED = "_rescued";

    /** A field that has no column, by its name in the source and its index. */
    record Rescued(String name, int index) {}

    /** Which of the given values a negative index of {@code fields} means, counted from 0. */
    static int given(int index) {
        return -1 - index;
    }

    /** Whether a column has the same value in all rows of a load. */
    boolean constant(int place) {
        int index = fields.get(place);
        return index < 0 && given.get(given(index)).constant();
    }

    /** Which of the columns has this name; -1 for none. */
    int place(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        return -1;
    }

    // Of any script; a mark belongs to its letter.
    private static final Pattern NOT_ALPHANUMERIC = Pattern.compile("[^\\p{L}\\p{M}\\p{N}]+");

    /**
     * Maps by name.
     *
     * @param names the names in the source; empty where it has none
     * @throws TableException when a name has no column or a column no name
     */
    static ColumnMapping of(Table table, List<String> names, MappingOptions options) {
        Map<String, Given> given = new LinkedHashMap<>();
        for (Table.Column column : table.columns()) {
            Given known =
                    options.values()
                            .getOrDefault(column.name(), Given.BY_COLUMN.get(column.name()));
            if (known != null) {
                given.put(column.name(), known);
            }
        }
        for (String column : options.values().keySet()) {
            if (!given.containsKey(column)) {
                throw new TableException(
                        "values= names the column %s, which %s does not have; it has [%s]"
                                .formatted(column, table.name(), String.join(", ", table.names())));
            }
            if (options.columns().containsKey(column)) {
                throw new TableException(
                        "The column %s of %s is in columns= and in values=: leave it out of one"
                                .formatted(column, table.name()));
            }
        }
        if (options.onNewColumn() == MappingOptions.OnNewColumn.rescue) {
            checkRescues(table);
            given.put(RESCUED, Given.RESCUED);
        }
        boolean listed = !options.columns().isEmpty();
        if (names.isEmpty() && !listed) {
            throw new TableException(
                    "The rows have no column names, and are not mapped by their position by accident: give the"
                            + " names in the data format (header=true or columns=...) or in citus:"
                            + table.name()
                            + "?columns=..., in the order of the fields");
        }
        List<String> fieldNames = names.isEmpty() ? List.copyOf(options.columns().keySet()) : names;
        Map<String, Integer> fields =
                !listed
                        ? byName(
                                table,
                                fieldNames,
                                namedLikeColumns(table, fieldNames),
                                given,
                                options)
                        : names.isEmpty()
                                ? byName(table, fieldNames, fieldNames, given, options)
                                : renamed(table, fieldNames, options);
        return of(table, fields, given, fieldNames, options);
    }

    private static Map<String, Integer> byName(
            Table table,
            List<String> names,
            List<String> columnOfName,
            Map<String, Given> given,
            MappingOptions options) {
        Map<String, Integer> fields = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (!table.names().contains(columnOfName.get(i))) {
                if (options.onNewColumn() == MappingOptions.OnNewColumn.fail) {
                    unknown.add(names.get(i));
                }
            } else if (!options.values().containsKey(columnOfName.get(i))
                    && fields.put(columnOfName.get(i), i) != null) {
                throw new TableException(
                        "Two columns of the source go to the column %s of %s: map them with columns=..."
                                .formatted(columnOfName.get(i), table.name()));
            }
        }
        List<String> missing =
                table.columns().stream()
                        .filter(column -> !options.missingIsNull())
                        .filter(column -> !column.optional() && !given.containsKey(column.name()))
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
                            + " Say what goes where with the option columns, such as columns=a=Name,b for the column a from Name and b from b; what it does not list is left out; or let onNewColumn and onMissingColumn pass over it");
        }
        return fields;
    }

    private static Map<String, Integer> renamed(
            Table table, List<String> names, MappingOptions options) {
        Map<String, Integer> fields = new HashMap<>();
        for (Map.Entry<String, String> entry : options.columns().entrySet()) {
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
            if (field < 0 && options.missingIsNull()) {
                continue;
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
        return fields;
    }

    private static ColumnMapping of(
            Table table,
            Map<String, Integer> fields,
            Map<String, Given> given,
            List<String> names,
            MappingOptions options) {
        List<Rescued> rescued = new ArrayList<>();
        if (options.onNewColumn() == MappingOptions.OnNewColumn.rescue) {
            for (int i = 0; i < names.size(); i++) {
                if (!fields.containsValue(i)) {
                    rescued.add(new Rescued(names.get(i), i));
                }
            }
        }
        List<Table.Column> columns = new ArrayList<>();
        List<Integer> indexes = new ArrayList<>();
        List<Given> values = new ArrayList<>();
        for (Table.Column column : table.columns()) {
            Integer field = fields.get(column.name());
            Given value = given.get(column.name());
            if (field != null) {
                columns.add(column);
                indexes.add(field);
            } else if (value != null) {
                columns.add(column);
                values.add(value);
                indexes.add(-values.size());
            }
        }
        return new ColumnMapping(
                List.copyOf(columns),
                List.copyOf(indexes),
                List.copyOf(values),
                rescued,
                names.size());
    }

    private static void checkRescues(Table table) {
        boolean json =
                table.columns().stream()
                        .anyMatch(
                                column ->
                                        column.name().equals(RESCUED)
                                                && (column.type() == ColumnType.JSONB.oid()
                                                        || column.type() == ColumnType.JSON.oid()));
        if (!json) {
            throw new TableException(
                    "onNewColumn=rescue puts what has no column into %s, which %s does not have as jsonb; run: ALTER TABLE %s ADD COLUMN %1$s jsonb"
                            .formatted(RESCUED, table.name(), table.sql()));
        }
    }

    /**
     * For each name of the source the column it means: the same name, else the same when
     * normalized.
     */
    private static List<String> namedLikeColumns(Table table, List<String> names) {
        Map<String, String> byNormalized = new HashMap<>();
        for (Table.Column column : table.columns()) {
            // No file means the id of its load by a name like "Load ID".
            if (!Given.BY_COLUMN.containsKey(column.name())) {
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

    private static String quoted(List<String> names) {
        return names.stream()
                .map(name -> "'" + name + "'")
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }
}
