package org.citusingest.citus;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which field of a row goes to which column of the table.
 *
 * @param columns the columns that are copied, in the order of the table
 * @param fields for each of them the index of the row's field, counted from 0; negative for a value
 *     that is given, see {@link #given(int)}
 * @param given the values that no field has
 * @param width how many fields a row has
 */
record ColumnMapping(
        List<Table.Column> columns, List<Integer> fields, List<Given> given, int width) {
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

    // A comma at the end would promise another one.
    private static final Pattern VALUE =
            Pattern.compile(
                    "(?<column>[^=,]*[^=,\\s][^=,]*)=\\s*(?:'(?<quoted>(?:[^']|'')*)'\\s*|(?<plain>[^',][^,]*))(?:,(?=.)|$)",
                    Pattern.DOTALL);

    // Of any script; a mark belongs to its letter.
    private static final Pattern NOT_ALPHANUMERIC = Pattern.compile("[^\\p{L}\\p{M}\\p{N}]+");

    /**
     * Maps by name.
     *
     * @param names the names in the source; empty where it has none
     * @param option the option {@code columns}: {@code column} or {@code column=name in the
     *     source}, separated by commas; empty to map every name to the column of that name
     * @param values the option {@code values}: what columns have that the source has not
     * @throws TableException when a name has no column or a column no name
     */
    static ColumnMapping of(
            Table table, List<String> names, String option, Map<String, Given> values) {
        Map<String, String> wanted = parse(option);
        Map<String, Given> given = new LinkedHashMap<>();
        for (Table.Column column : table.columns()) {
            Given known = values.getOrDefault(column.name(), Given.BY_COLUMN.get(column.name()));
            if (known != null) {
                given.put(column.name(), known);
            }
        }
        for (String column : values.keySet()) {
            if (!given.containsKey(column)) {
                throw new TableException(
                        "values= names the column %s, which %s does not have; it has [%s]"
                                .formatted(column, table.name(), String.join(", ", table.names())));
            }
            if (wanted.containsKey(column)) {
                throw new TableException(
                        "The column %s of %s is in columns= and in values=: leave it out of one"
                                .formatted(column, table.name()));
            }
        }
        return of(table, names, wanted, given, values.keySet());
    }

    /** As above, with nothing but what a table has columns for by their names. */
    static ColumnMapping of(Table table, List<String> names, String option) {
        return of(table, names, option, Map.of());
    }

    private static ColumnMapping of(
            Table table,
            List<String> names,
            Map<String, String> wanted,
            Map<String, Given> given,
            Set<String> instead) {
        if (names.isEmpty()) {
            if (wanted.isEmpty()) {
                throw new TableException(
                        "The rows have no column names, and are not mapped by their position by accident: give the"
                                + " names in the data format (header=true or columns=...) or in citus:"
                                + table.name()
                                + "?columns=..., in the order of the fields");
            }
            names = List.copyOf(wanted.keySet());
            return byName(table, names, names, given, instead);
        }
        if (wanted.isEmpty()) {
            return byName(table, names, namedLikeColumns(table, names), given, instead);
        }
        return renamed(table, names, wanted, given);
    }

    private static ColumnMapping byName(
            Table table,
            List<String> names,
            List<String> columnOfName,
            Map<String, Given> given,
            Set<String> instead) {
        Map<String, Integer> fields = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (!table.names().contains(columnOfName.get(i))) {
                unknown.add(names.get(i));
            } else if (!instead.contains(columnOfName.get(i))
                    && fields.put(columnOfName.get(i), i) != null) {
                throw new TableException(
                        "Two columns of the source go to the column %s of %s: map them with columns=..."
                                .formatted(columnOfName.get(i), table.name()));
            }
        }
        List<String> missing =
                table.columns().stream()
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
                            + " Say what goes where with the option columns, such as columns=a=Name,b for the column a from Name and b from b; what it does not list is left out");
        }
        return of(table, fields, given, names.size());
    }

    private static ColumnMapping renamed(
            Table table, List<String> names, Map<String, String> wanted, Map<String, Given> given) {
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
        return of(table, fields, given, names.size());
    }

    private static ColumnMapping of(
            Table table, Map<String, Integer> fields, Map<String, Given> given, int width) {
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
                List.copyOf(columns), List.copyOf(indexes), List.copyOf(values), width);
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

    /**
     * The option {@code values}: column to what it has, in the order given.
     *
     * @throws IllegalArgumentException naming the option and what is wrong with it
     */
    static Map<String, Given> parseValues(String option) {
        Map<String, Given> values = new LinkedHashMap<>();
        if (option == null || option.isBlank()) {
            return values;
        }
        Matcher part = VALUE.matcher(option);
        int at = 0;
        while (at < option.length()) {
            if (!part.find(at) || part.start() != at) {
                throw new IllegalArgumentException(
                        "values=%s: expected column=value, separated by commas, a value with commas in single quotes, found '%s'"
                                .formatted(option, option.substring(at)));
            }
            String quoted = part.group("quoted");
            Given value =
                    quoted == null
                            ? Given.parse(part.group("plain").trim(), false)
                            : Given.parse(quoted.replace("''", "'"), true);
            if (values.put(part.group("column").trim(), value) != null) {
                throw new IllegalArgumentException(
                        "values=%s: the column %s is there twice"
                                .formatted(option, part.group("column").trim()));
            }
            at = part.end();
        }
        return values;
    }

    private static String quoted(List<String> names) {
        return names.stream()
                .map(name -> "'" + name + "'")
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }
}
