package org.citusingest.citus;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a route says of the columns of its table.
 *
 * @param columns column to the name in the source, in the order given; empty where all names go to
 *     the columns of the same names
 * @param values what columns have that the source has not
 * @param onNewColumn what becomes of a column of the source that the table does not have
 * @param missingIsNull whether a column of the table that the source does not have is left out
 */
record MappingOptions(
        Map<String, String> columns,
        Map<String, Given> values,
        OnNewColumn onNewColumn,
        boolean missingIsNull) {

    /** The option {@code onNewColumn}. */
    enum OnNewColumn {
        fail,
        ignore,
        rescue
    }

    // A comma at the end would promise another one.
    private static final Pattern VALUE =
            Pattern.compile(
                    "(?<column>[^=,]*[^=,\\s][^=,]*)=\\s*(?:'(?<quoted>(?:[^']|'')*)'\\s*|(?<plain>[^',][^,]*))(?:,(?=.)|$)",
                    Pattern.DOTALL);

    /** Only the option {@code columns}. */
    static MappingOptions columns(String option) {
        return new MappingOptions(parse(option), Map.of(), OnNewColumn.fail, false);
    }

    MappingOptions withColumns(String option) {
        return new MappingOptions(parse(option), values, onNewColumn, missingIsNull);
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
}
