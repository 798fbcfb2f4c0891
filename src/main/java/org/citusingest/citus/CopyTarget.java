package org.citusingest.citus;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.citusingest.ledger.Identifier;

/** The columns of a table into which rows of one shape are copied, and how each is encoded. */
final class CopyTarget {
    private final Table table;
    private final ColumnMapping mapping;
    private final List<ColumnEncoder> encoders;

    private CopyTarget(Table table, ColumnMapping mapping, List<ColumnEncoder> encoders) {
        this.table = table;
        this.mapping = mapping;
        this.encoders = encoders;
    }

    static CopyTarget of(Table table, ColumnMapping mapping) {
        List<ColumnEncoder> encoders = new ArrayList<>();
        for (Table.Column column : mapping.columns()) {
            Optional<ColumnType> type = ColumnType.ofOid(column.type());
            encoders.add(
                    type.map(known -> BoundedEncoder.of(known, column.modifier())).orElse(null));
        }
        return new CopyTarget(table, mapping, Collections.unmodifiableList(encoders));
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

    /** The statement that takes rows in this format. */
    String copySql(CopyFormat format) {
        List<String> names =
                mapping.columns().stream().map(column -> Identifier.quote(column.name())).toList();
        return "COPY %s (%s) FROM STDIN (FORMAT %s)"
                .formatted(table.sql(), String.join(", ", names), format);
    }
}
