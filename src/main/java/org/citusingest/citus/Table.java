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
 * @param oneLane whether a transaction that inserts may wait for another one, or must see its rows:
 *     there are unique or exclusion constraints, foreign keys or triggers
 */
record Table(String name, String sql, List<Column> columns, boolean citus, boolean oneLane) {
    /** The column that is filled with the id of the load. */
    static final String LOAD_ID = "_load_id";

    // Of the table c, and of its partitions.
    private static final String ONE_LANE =
            """
             EXISTS (SELECT FROM (SELECT c.oid UNION SELECT relid FROM pg_partition_tree(c.oid)) AS part (oid)
                WHERE EXISTS (SELECT FROM pg_index WHERE indrelid = part.oid AND (indisunique OR indisexclusion))
                   OR EXISTS (SELECT FROM pg_constraint WHERE conrelid = part.oid AND contype = 'f')
                   OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = part.oid AND NOT tgisinternal))
            """;

    /**
     * A column that a COPY may name; generated columns are none.
     *
     * @param type the OID of its type
     * @param modifier the type's modifier, such as the length of a varchar; -1 for none
     * @param typeName the type as a person writes it
     * @param optional whether a row may leave it out: it has a default or is an identity
     * @param nullRefusal why NULL is refused, whatever else the row holds; null when the server has
     *     to be asked
     * @param input the type's input function, as COPY calls it
     */
    record Column(
            String name,
            long type,
            int modifier,
            String typeName,
            boolean optional,
            NullRefusal nullRefusal,
            Input input) {
        /** Whether its values are JSON, and not the text of a string in it. */
        boolean isJson() {
            return type == ColumnType.JSON.oid() || type == ColumnType.JSONB.oid();
        }
    }

    /** What the server says to a NULL in a column. */
    record NullRefusal(String sqlState, String reason) {}

    /**
     * A function that makes a value from a text.
     *
     * @param function its name, as it is written in SQL
     * @param ioParameter its second argument
     */
    record Input(String function, long ioParameter) {}

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
                                + " has_table_privilege(c.oid, 'INSERT'),"
                                + ONE_LANE
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
                        columns(connection, row.getLong(1), row.getBoolean(5)),
                        row.getBoolean(5),
                        row.getBoolean(7));
            }
        }
    }

    private static List<Column> columns(Connection connection, long table, boolean citus)
            throws SQLException {
        // A trigger before the row may put a value in the place of a NULL; Citus has none.
        String query =
                "SELECT a.attname, a.atttypid::bigint, a.atttypmod, format_type(a.atttypid, a.atttypmod),"
                        + " a.atthasdef OR a.attidentity <> '', a.attnotnull AND NOT EXISTS (SELECT FROM"
                        + " pg_trigger WHERE tgrelid = a.attrelid AND tgtype & 7 = 7),"
                        + " t.typinput::regproc::text, (CASE WHEN t.typelem <> 0 THEN t.typelem ELSE"
                        + " t.oid END)::bigint, "
                        + (citus
                                ? "coalesce(a.attname = (SELECT column_to_column_name(logicalrelid,"
                                        + " partkey) FROM pg_dist_partition WHERE logicalrelid ="
                                        + " a.attrelid AND partkey IS NOT NULL), false)"
                                : "false")
                        + " FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = ?"
                        + " AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum";
        try (PreparedStatement columns = connection.prepareStatement(query)) {
            columns.setLong(1, table);
            try (ResultSet row = columns.executeQuery()) {
                List<Column> found = new ArrayList<>();
                while (row.next()) {
                    found.add(column(row));
                }
                return List.copyOf(found);
            }
        }
    }

    private static Column column(ResultSet row) throws SQLException {
        String name = row.getString(1);
        NullRefusal refusal = null;
        if (row.getBoolean(9)) {
            refusal = new NullRefusal("22004", "the distribution column cannot be NULL");
        } else if (row.getBoolean(6)) {
            refusal =
                    new NullRefusal(
                            "23502",
                            "null value in column \"%s\" violates not-null constraint"
                                    .formatted(name));
        }
        return new Column(
                name,
                row.getLong(2),
                row.getInt(3),
                row.getString(4),
                row.getBoolean(5),
                refusal,
                new Input(row.getString(7), row.getLong(8)));
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
