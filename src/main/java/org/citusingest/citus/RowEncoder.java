package org.citusingest.citus;

import org.citusingest.rows.Field;
import org.citusingest.rows.RowCursor;
import org.citusingest.rows.RowFormatException;

/** Encodes the rows of one load for one table. Not thread-safe: one for each batch. */
final class RowEncoder {
    private final int[] fields;
    private final int width;
    private final ColumnEncoder[] encoders;
    private final Field field = new Field();
    private final Field loadId = new Field();

    RowEncoder(CopyTarget target, long loadId) {
        this.fields = target.mapping().fields().stream().mapToInt(Integer::intValue).toArray();
        this.width = target.mapping().width();
        this.encoders = target.encoders().toArray(ColumnEncoder[]::new);
        byte[] id = Long.toString(loadId).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        this.loadId.set(id, 0, id.length);
    }

    /**
     * Appends the row for binary COPY.
     *
     * @return false when a field is not recognised; nothing is then appended
     */
    boolean binary(RowCursor row, CopyBuffer out) {
        check(row);
        int start = out.size();
        out.putShort(encoders.length);
        for (int i = 0; i < encoders.length; i++) {
            Field value = read(row, fields[i]);
            if (value == null) {
                out.putInt(-1);
            } else if (!encoders[i].encode(value, out)) {
                out.rewind(start);
                return false;
            }
        }
        return true;
    }

    /** Appends the row for text COPY. */
    void text(RowCursor row, CopyTextEncoder out) {
        check(row);
        for (int index : fields) {
            Field value = read(row, index);
            if (value == null) {
                out.nullField();
            } else {
                out.field(value);
            }
        }
        out.endRow();
    }

    private Field read(RowCursor row, int index) {
        if (index == ColumnMapping.LOAD_ID) {
            return loadId;
        }
        return row.read(index, field) ? field : null;
    }

    private void check(RowCursor row) {
        if (row.fields() != width) {
            throw new RowFormatException(
                    row.rowNumber(),
                    row.byteOffset(),
                    "it has %d fields, %d are expected: a delimiter or a quote is missing or one too many"
                            .formatted(row.fields(), width));
        }
    }
}
