package org.citusingest.citus;

import java.util.List;
import org.citusingest.ledger.Claim;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowCursor;

/**
 * The values of rows in the order of the columns that are copied: those of the source, and those
 * that are given. Not thread-safe.
 */
final class RowFields {
    private final int[] fields;
    private final boolean[] numbered;
    private final Field[] given;
    private final Field field = new Field();

    RowFields(ColumnMapping mapping, Claim claim) {
        fields = mapping.fields().stream().mapToInt(Integer::intValue).toArray();
        List<Given> all = mapping.given();
        given = new Field[all.size()];
        numbered = new boolean[all.size()];
        for (int i = 0; i < given.length; i++) {
            given[i] = all.get(i).of(claim).orElse(null);
            numbered[i] = !all.get(i).constant();
        }
    }

    /** How many columns there are. */
    int size() {
        return fields.length;
    }

    /**
     * The value of the row for a column; null for NULL. It is good until the next value is asked
     * for.
     *
     * @param place which of the columns, counted from 0
     */
    Field read(RowCursor row, int place) {
        int index = fields[place];
        if (index >= 0) {
            return row.read(index, field) ? field : null;
        }
        Field value = given[ColumnMapping.given(index)];
        if (numbered[ColumnMapping.given(index)]) {
            value.setInteger(row.rowNumber());
        }
        return value;
    }
}
