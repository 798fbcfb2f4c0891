package org.citusingest.citus;

import java.util.List;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowCursor;

/** Encodes rows for one table. Not thread-safe: one for each batch. */
final class RowEncoder {
    private final RowFields fields;
    private final ColumnEncoder[] encoders;
    private final boolean[] nullable;
    private final boolean binary;
    private final CopyBuffer scratch = new CopyBuffer(256);

    RowEncoder(CopyTarget target, RowFields fields) {
        this.fields = fields;
        this.encoders = target.encoders().toArray(ColumnEncoder[]::new);
        this.binary = target.binary();
        List<Table.Column> columns = target.mapping().columns();
        this.nullable = new boolean[columns.size()];
        for (int i = 0; i < nullable.length; i++) {
            nullable[i] = columns.get(i).nullRefusal() == null;
        }
    }

    /**
     * Appends the row in the format of its table, when every value of it is recognised. A type that
     * has no encoder is not asked about.
     *
     * @return false when one is not; nothing is then appended
     */
    boolean certain(RowCursor row, CopyBuffer out) {
        if (binary) {
            return recognised(row, out);
        }
        scratch.rewind(0);
        if (!recognised(row, scratch)) {
            return false;
        }
        text(row, out);
        return true;
    }

    private boolean recognised(RowCursor row, CopyBuffer out) {
        int start = out.size();
        out.putShort(encoders.length);
        for (int i = 0; i < encoders.length; i++) {
            Field value = fields.read(row, i);
            boolean known =
                    value == null
                            ? nullable[i]
                            : encoders[i] == null ? isText(value) : encoders[i].encode(value, out);
            if (!known) {
                out.rewind(start);
                return false;
            }
            if (value == null) {
                out.putInt(-1);
            }
        }
        return true;
    }

    private static boolean isText(Field value) {
        return Utf8.firstInvalid(value.bytes(), value.start(), value.end()) == value.end();
    }

    /** Appends the row for text COPY. */
    void text(RowCursor row, CopyBuffer out) {
        CopyTextEncoder text = new CopyTextEncoder(out);
        for (int i = 0; i < fields.size(); i++) {
            Field value = fields.read(row, i);
            if (value == null) {
                text.nullField();
            } else {
                text.field(value);
            }
        }
        text.endRow();
    }
}
