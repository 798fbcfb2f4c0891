package org.citusingest.citus;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The option {@code sort}.
 *
 * @param auto whether the order is that of the table's first index
 * @param columns else the columns by which rows are sorted; none for the order in which they come
 */
record Sort(boolean auto, List<String> columns) {
    /**
     * The first index that every row enters by the value of a column: the primary key if there is
     * one. None of a table where one row may decide what becomes of another, by a second unique
     * index, a foreign key to itself or a trigger: there the order is left as it is.
     */
    private static final String FIRST_INDEX =
            """
            SELECT a.attname, i.indoption[key.place] & 1 <> 0, i.indoption[key.place] & 2 <> 0
            FROM (SELECT i.* FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = to_regclass(?) AND m.amname = 'btree'
                    AND i.indisvalid AND i.indisready AND i.indpred IS NULL
                    AND (a.attname <> '_load_id' OR i.indnkeyatts > 1)
                ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1) AS i
                CROSS JOIN generate_series(0, i.indnkeyatts - 1) AS key (place)
                LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[key.place]
            WHERE NOT EXISTS (SELECT FROM pg_index o WHERE o.indrelid = i.indrelid
                    AND o.indexrelid <> i.indexrelid AND (o.indisunique OR o.indisexclusion))
                AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = i.indrelid AND confrelid = i.indrelid)
                AND NOT EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal AND (tgrelid = i.indrelid
                    OR tgrelid IN (SELECT relid FROM pg_partition_tree(i.indrelid))))
            ORDER BY key.place
            """;

    /** Reads the option as it is written in a route. */
    static Sort parse(String option) {
        String text = option.trim();
        if (text.equals("auto") || text.equals("none")) {
            return new Sort(text.equals("auto"), List.of());
        }
        Set<String> columns = new LinkedHashSet<>();
        for (String part : text.split(",", -1)) {
            if (part.isBlank() || !columns.add(part.trim())) {
                throw new IllegalArgumentException(
                        "sort=%s: expected auto, none or columns of the table separated by commas, each once, found '%s'"
                                .formatted(option, part));
            }
        }
        return new Sort(false, List.copyOf(columns));
    }

    /**
     * Looks whether rows for the table can be sorted by the columns that are named.
     *
     * @throws TableException where they cannot
     */
    void check(Table table) {
        for (String name : columns) {
            Optional<Table.Column> column =
                    table.columns().stream().filter(one -> one.name().equals(name)).findFirst();
            if (column.isEmpty()) {
                throw new TableException(
                        "sort= names the column %s, which %s does not have; it has [%s]"
                                .formatted(name, table.name(), String.join(", ", table.names())));
            }
            if (ValueOrder.of(column.get().type()).isEmpty()) {
                throw new TableException(
                        "sort= names the column %s of %s, and rows cannot be sorted by a value of type %s; leave it out"
                                .formatted(name, table.name(), column.get().typeName()));
            }
        }
    }

    /**
     * The order of rows for this table, as the catalog says now.
     *
     * @throws TableException where they cannot be sorted by the columns that are named
     */
    RowOrder order(Connection connection, Table table, ColumnMapping mapping) throws SQLException {
        if (auto) {
            return byIndex(connection, table, mapping);
        }
        check(table);
        if (!columns.isEmpty()) {
            checkBinary(table, mapping);
        }
        List<RowOrder.Key> keys = new ArrayList<>();
        for (String name : columns) {
            RowOrder.Key key = key(mapping, name, false, false);
            if (key == null) {
                throw new TableException(
                        "sort= names the column %s of %s, for which the rows have no value; leave it out"
                                .formatted(name, table.name()));
            }
            keys.add(key);
        }
        return new RowOrder(keys);
    }

    /** Sorted are the values in their binary form. */
    private static void checkBinary(Table table, ColumnMapping mapping) {
        for (Table.Column column : mapping.columns()) {
            if (ColumnType.ofOid(column.type()).isEmpty()) {
                throw new TableException(
                        "sort= cannot be kept for %s: its column %s is of type %s, so that whole rows are left to the server to read; use sort=none"
                                .formatted(table.name(), column.name(), column.typeName()));
            }
        }
    }

    /** By the columns of the first index, up to the first of which no order is known. */
    private static RowOrder byIndex(Connection connection, Table table, ColumnMapping mapping)
            throws SQLException {
        List<RowOrder.Key> keys = new ArrayList<>();
        try (PreparedStatement query = connection.prepareStatement(FIRST_INDEX)) {
            query.setString(1, table.sql());
            try (ResultSet row = query.executeQuery()) {
                boolean known = true;
                while (known && row.next()) {
                    String name = row.getString(1);
                    RowOrder.Key key = key(mapping, name, row.getBoolean(2), row.getBoolean(3));
                    if (key != null) {
                        keys.add(key);
                    } else {
                        int place = mapping.place(name);
                        known = place >= 0 && mapping.constant(place);
                    }
                }
            }
        }
        return new RowOrder(keys);
    }

    /** Null where the rows have no value for the column, or one of no known order. */
    private static RowOrder.Key key(
            ColumnMapping mapping, String column, boolean descending, boolean nullsFirst) {
        int place = mapping.place(column);
        if (place < 0 || mapping.constant(place)) {
            return null;
        }
        return ValueOrder.of(mapping.columns().get(place).type())
                .map(order -> new RowOrder.Key(place, order, descending, nullsFirst))
                .orElse(null);
    }
}
