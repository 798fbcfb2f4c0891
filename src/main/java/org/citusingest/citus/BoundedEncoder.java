package org.citusingest.citus;

import org.citusingest.rows.Field;

/**
 * Leaves the values that may not fit the type's modifier to the server's input function, whose
 * error shows the value; the receive function's error would not.
 */
final class BoundedEncoder {
    // PostgreSQL adds the size of a varlena header to the modifiers of these types.
    private static final int HEADER = 4;

    private BoundedEncoder() {}

    static ColumnEncoder of(ColumnType type, int modifier) {
        if (modifier < HEADER) {
            return type;
        }
        int bound = modifier - HEADER;
        return switch (type) {
            // Characters are counted; as many bytes are never more characters.
            case VARCHAR, BPCHAR ->
                    (field, out) -> field.length() <= bound && type.encode(field, out);
            case NUMERIC -> {
                int precision = (bound >> 16) & 0xffff;
                // The scale is signed and has 11 bits.
                int scale = ((bound & 0x7ff) ^ 1024) - 1024;
                yield (field, out) ->
                        wholeDigits(field) <= precision - scale && type.encode(field, out);
            }
            case BOOL,
                    BYTEA,
                    INT8,
                    INT2,
                    INT4,
                    TEXT,
                    JSON,
                    FLOAT4,
                    FLOAT8,
                    DATE,
                    TIMESTAMP,
                    TIMESTAMPTZ,
                    UUID,
                    JSONB ->
                    type;
        };
    }

    /** How many bytes stand before the decimal point: at least as many as there are digits. */
    private static int wholeDigits(Field field) {
        for (int i = field.start(); i < field.end(); i++) {
            if (field.bytes()[i] == '.') {
                return i - field.start();
            }
        }
        return field.length();
    }
}
