package org.citusingest.citus;

import org.citusingest.rows.Field;

/**
 * Encodes {@code uuid}: 32 hexadecimal digits of either case, without hyphens or with the four of
 * RFC 9562. Braces and hyphens at other places are left to the server.
 */
final class UuidEncoder implements ColumnEncoder {
    private static final int PLAIN_LENGTH = 32;
    private static final int HYPHENATED_LENGTH = 36;

    @Override
    public boolean encode(Field field, CopyBuffer out) {
        out.putInt(16);
        if (field.kind() == Field.Kind.UUID) {
            out.put(field.value(), field.valueStart(), 16);
            return true;
        }
        byte[] text = field.bytes();
        int at = field.start();
        if (field.length() == PLAIN_LENGTH) {
            return HexDigits.put(text, at, 16, out);
        }
        return field.length() == HYPHENATED_LENGTH
                && text[at + 8] == '-'
                && text[at + 13] == '-'
                && text[at + 18] == '-'
                && text[at + 23] == '-'
                && HexDigits.put(text, at, 4, out)
                && HexDigits.put(text, at + 9, 2, out)
                && HexDigits.put(text, at + 14, 2, out)
                && HexDigits.put(text, at + 19, 2, out)
                && HexDigits.put(text, at + 24, 6, out);
    }
}
