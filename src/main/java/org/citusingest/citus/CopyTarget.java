package org.citusingest.citus;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.Identifier;
import org.citusingest.ledger.LedgerException;

/** The columns of a table into which rows of one shape are copied, and how each is encoded. */
final class CopyTarget {
    private final Table table;
    private final ColumnMapping mapping;
    private final List<ColumnEncoder> encoders;
    private final Shards shards;
    private final Connector nodes;
    private final RowOrder order;

    private CopyTarget(
            Table table,
            ColumnMapping mapping,
            List<ColumnEncoder> encoders,
            Shards shards,
            Connector nodes,
            RowOrder order) {
        this.shards = shards;
        this.nodes = nodes;
        this.order = order;
        this.table = table;
        this.mapping = mapping;
        this.encoders = encoders;
    }

    /** Rows go by the server that the data source connects to. */
    static CopyTarget of(Table table, ColumnMapping mapping) {
        return of(table, mapping, null, null);
    }

    /**
     * Where rows go.
     *
     * @param shards the way into its shards; null when they go into the table as a whole
     * @param nodes connects to any node that takes rows of the table; null when only the
     *     coordinator does
     */
    static CopyTarget of(Table table, ColumnMapping mapping, Shards shards, Connector nodes) {
        List<ColumnEncoder> encoders = new ArrayList<>();
        for (Table.Column column : mapping.columns()) {
            Optional<ColumnType> type = ColumnType.ofOid(column.type());
            encoders.add(
                    type.map(known -> BoundedEncoder.of(known, column.modifier())).orElse(null));
        }
        return new CopyTarget(
                table,
                mapping,
                Collections.unmodifiableList(encoders),
                shards,
                nodes,
                RowOrder.NONE);
    }

    /** The same with another order of rows; of no account where all rows are sent as text. */
    CopyTarget in(RowOrder another) {
        return binary() ? new CopyTarget(table, mapping, encoders, shards, nodes, another) : this;
    }

    /** An earlier attempt has filled some shards, and this one does not go by shards. */
    LedgerException partlyIn(Claim claim) {
        return new LedgerException(
                "An earlier attempt at load %d has filled some shards of %s, and this one cannot go into shards: mend why, or citus-ingest unload --load %d and reload it"
                        .formatted(claim.id(), table.name(), claim.id()));
    }

    /** The way into its shards; null when the rows go into the table as a whole. */
    Shards shards() {
        return shards;
    }

    /** Connects to any node that takes its rows; null when only the coordinator does. */
    Connector nodes() {
        return nodes;
    }

    /** The order of the rows of a batch: that of the source, unless another was asked for. */
    RowOrder order() {
        return order;
    }

    Table table() {
        return table;
    }

    ColumnMapping mapping() {
        return mapping;
    }

    /** One for each column; null where the type is unknown to them. */
    List<ColumnEncoder> encoders() {
        return encoders;
    }

    /**
     * Whether rows can be encoded for binary COPY; otherwise the table takes text COPY as a whole.
     */
    boolean binary() {
        return !encoders.contains(null);
    }

    /**
     * Looks whether the columns still are what the rows were encoded for: of another type of the
     * same length the server would take the bytes for other values. Called while the transaction
     * holds the lock of a COPY, it counts until the end of the transaction.
     *
     * @throws SQLException where they are not
     */
    void checkUnchanged(Connection connection) throws SQLException {
        Map<String, String> types = new HashMap<>();
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT attname, atttypid::bigint, atttypmod FROM pg_attribute"
                                + " WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped")) {
            query.setString(1, table.sql());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    types.put(row.getString(1), row.getLong(2) + "/" + row.getInt(3));
                }
            }
        }
        List<String> changed =
                mapping.columns().stream()
                        .filter(
                                column ->
                                        !(column.type() + "/" + column.modifier())
                                                .equals(types.get(column.name())))
                        .map(Table.Column::name)
                        .toList();
        if (!changed.isEmpty()) {
            throw new SQLException(
                    "the table %s was changed while rows were on their way into it, columns %s; another attempt sees it as it is"
                            .formatted(table.name(), String.join(", ", changed)),
                    "55000");
        }
    }

    /**
     * The statement that takes rows in this format.
     *
     * @param into the table, or a shard of it, as it is written in SQL
     */
    String copySql(String into, CopyFormat format) {
        List<String> names =
                mapping.columns().stream().map(column -> Identifier.quote(column.name())).toList();
        return "COPY %s (%s) FROM STDIN (FORMAT %s)"
                .formatted(into, String.join(", ", names), format);
    }
}
