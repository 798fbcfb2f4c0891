package org.citusingest.citus;

import org.citusingest.rows.Field;

/**
 * Encodes {@code bytea}: {@code \x} and an even number of hexadecimal digits, or ASCII without a
 * backslash, which stands for itself. The escape form is left to the server.
 *
 * <p>Other characters than ASCII are left to it too, for binary COPY would take the bytes unseen:
 * the server's encoding may not be UTF-8, and text COPY refuses a NUL byte or bad UTF-8.
 */
final class ByteaEncoder implements ColumnEncoder {
    @Override
    public boolean encode(Field field, CopyBuffer out) {
        if (field.kind() == Field.Kind.BINARY) {
            int count = field.valueEnd() - field.valueStart();
            out.putInt(count);
            out.put(field.value(), field.valueStart(), count);
            return true;
        }
        byte[] text = field.bytes();
        int start = field.start();
        int length = field.length();
        if (length >= 2 && text[start] == '\\' && text[start + 1] == 'x') {
            int count = (length - 2) / 2;
            out.putInt(count);
            return length % 2 == 0 && HexDigits.put(text, start + 2, count, out);
        }
        for (int i = start; i < field.end(); i++) {
            if (text[i] <= 0 || text[i] == '\\') {
                return false;
            }
        }
        out.putInt(length);
        out.put(text, start, length);
        return true;
    }
}
