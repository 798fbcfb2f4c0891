package org.citusingest.citus;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.citusingest.ledger.Identifier;

/**
 * A table as the catalog describes it.
 *
 * @param name its name with the schema, for a person
 * @param sql its name as it is written in SQL, with the schema and in quotes
 * @param columns the columns that a COPY may name, in the order of the table
 * @param citus whether the server has the extension Citus
 */
record Table(String name, String sql, List<Column> columns, boolean citus) {
    /** The column that is filled with the id of the load. */
    static final String LOAD_ID = "_load_id";

    /**
     * A column that a COPY may name; generated columns are none.
     *
     * @param type the OID of its type
     * @param modifier the type's modifier, such as the length of a varchar; -1 for none
     * @param typeName the type as a person writes it
     * @param optional whether a row may leave it out: it has a default or is an identity
     */
    record Column(String name, long type, int modifier, String typeName, boolean optional) {}

    /**
     * Reads the description of a table.
     *
     * @param name {@code table} or {@code schema.table}, exactly as the catalog has it
     * @throws TableException when there is no such table, or none that takes a COPY
     */
    static Table read(Connection connection, String name) throws SQLException {
        int dot = name.indexOf('.');
        String quoted =
                dot < 0
                        ? Identifier.quote(name)
                        : Identifier.quote(name.substring(0, dot))
                                + "."
                                + Identifier.quote(name.substring(dot + 1));
        try (PreparedStatement find =
                connection.prepareStatement(
                        "SELECT c.oid, c.relkind, n.nspname, c.relname,"
                                + " EXISTS (SELECT FROM pg_extension WHERE extname = 'citus'),"
                                + " has_table_privilege(c.oid, 'INSERT')"
                                + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                + " WHERE c.oid = to_regclass(?)")) {
            find.setString(1, quoted);
            try (ResultSet row = find.executeQuery()) {
                if (!row.next()) {
                    throw new TableException(missing(connection, name));
                }
                if (!"rpf".contains(row.getString(2))) {
                    throw new TableException(
                            name + " is not a table; name a table in citus:" + name);
                }
                if (!row.getBoolean(6)) {
                    throw new TableException(
                            "The role %s may not insert into %s; run: GRANT INSERT ON %s TO %s"
                                    .formatted(
                                            connection.getMetaData().getUserName(),
                                            name,
                                            quoted,
                                            Identifier.quote(
                                                    connection.getMetaData().getUserName())));
                }
                String sql =
                        Identifier.quote(row.getString(3))
                                + "."
                                + Identifier.quote(row.getString(4));
                return new Table(
                        row.getString(3) + "." + row.getString(4),
                        sql,
                        columns(connection, row.getLong(1)),
                        row.getBoolean(5));
            }
        }
    }

    private static List<Column> columns(Connection connection, long table) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT attname, atttypid::bigint, atttypmod, format_type(atttypid, atttypmod),"
                                + " atthasdef OR attidentity <> '' FROM pg_attribute WHERE attrelid = ? AND attnum > 0"
                                + " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum")) {
            query.setLong(1, table);
            try (ResultSet row = query.executeQuery()) {
                List<Column> columns = new ArrayList<>();
                while (row.next()) {
                    columns.add(
                            new Column(
                                    row.getString(1),
                                    row.getLong(2),
                                    row.getInt(3),
                                    row.getString(4),
                                    row.getBoolean(5)));
                }
                return List.copyOf(columns);
            }
        }
    }

    private static String missing(Connection connection, String name) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT current_database(), array_to_string(ARRAY(SELECT relname FROM pg_class"
                                + " WHERE relkind IN ('r', 'p') AND pg_table_is_visible(oid) AND relnamespace NOT IN"
                                + " ('pg_catalog'::regnamespace) ORDER BY relname LIMIT 10), ', ')")) {
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return "There is no table %s in the database %s; it has: %s. Create the table, or name another in citus:%s"
                        .formatted(
                                name,
                                row.getString(1),
                                row.getString(2).isEmpty() ? "no table" : row.getString(2),
                                name);
            }
        }
    }

    /** The names of the columns, for messages. */
    List<String> names() {
        return columns.stream().map(Column::name).toList();
    }
}
