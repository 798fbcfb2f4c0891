package org.citusingest.citus;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowCursor;

/** Writes the fields that have no column as a JSON object. */
final class RescuedFields {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final byte[][] names;
    private final int[] indexes;
    private final Field field = new Field();
    private final CopyBuffer json = new CopyBuffer(256);

    RescuedFields(List<ColumnMapping.Rescued> fields) {
        names = new byte[fields.size()][];
        indexes = new int[names.length];
        for (int i = 0; i < names.length; i++) {
            names[i] = fields.get(i).name().getBytes(StandardCharsets.UTF_8);
            indexes[i] = fields.get(i).index();
        }
    }

    /**
     * Points {@code into} at the object, which has no fields that are NULL; it is good until the
     * next row.
     *
     * @return false when no field has a value
     */
    boolean read(RowCursor row, Field into) {
        json.rewind(0);
        for (int i = 0; i < names.length; i++) {
            if (row.read(indexes[i], field)) {
                json.putByte(json.size() == 0 ? '{' : ',');
                string(names[i], 0, names[i].length);
                json.putByte(':');
                value();
            }
        }
        if (json.size() == 0) {
            return false;
        }
        json.putByte('}');
        into.set(json.bytes(), 0, json.size());
        return true;
    }

    /** What it is in a source of JSON; else a number or a truth value, or a text. */
    private void value() {
        field.keepJson();
        if (field.isJson()
                || field.kind() == Field.Kind.INTEGER
                || field.kind() == Field.Kind.BOOLEAN) {
            json.put(field.bytes(), field.start(), field.length());
        } else {
            string(field.bytes(), field.start(), field.end());
        }
    }

    private void string(byte[] text, int start, int end) {
        json.putByte('"');
        for (int i = start; i < end; i++) {
            byte c = text[i];
            if (c == '"' || c == '\\') {
                json.putByte('\\');
                json.putByte(c);
            } else if (c >= 0 && c < ' ') {
                json.put(new byte[] {'\\', 'u', '0', '0', HEX[c >> 4], HEX[c & 0xF]}, 0, 6);
            } else {
                json.putByte(c);
            }
        }
        json.putByte('"');
    }
}
