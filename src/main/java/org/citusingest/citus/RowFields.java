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
    private final boolean[] json;
    private final Given.What[] whats;
    private final Field[] given;
    private final RescuedFields rescued;
    private final Field field = new Field();

    RowFields(ColumnMapping mapping, Claim claim) {
        fields = mapping.fields().stream().mapToInt(Integer::intValue).toArray();
        json = new boolean[fields.length];
        for (int i = 0; i < json.length; i++) {
            json[i] = mapping.columns().get(i).isJson();
        }
        List<Given> all = mapping.given();
        given = new Field[all.size()];
        whats = new Given.What[all.size()];
        rescued = new RescuedFields(mapping.rescued());
        for (int i = 0; i < given.length; i++) {
            given[i] = all.get(i).of(claim).orElse(null);
            whats[i] = all.get(i).what();
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
            if (!row.read(index, field)) {
                return null;
            }
            if (json[place]) {
                field.keepJson();
            }
            return field;
        }
        int which = ColumnMapping.given(index);
        Field value = given[which];
        return switch (whats[which]) {
            case ROW_NUMBER -> {
                value.setInteger(row.rowNumber());
                yield value;
            }
            case RESCUED -> rescued.read(row, value) ? value : null;
            default -> value;
        };
    }
}
