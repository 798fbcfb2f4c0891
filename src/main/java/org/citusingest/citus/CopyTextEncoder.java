package org.citusingest.citus;

import org.citusingest.rows.Field;

/**
 * Encodes rows as the text format of COPY with its default options: fields between tabs, {@code \N}
 * for NULL, a line feed after each row. For the rows that are left to the server's input functions.
 */
final class CopyTextEncoder {
    private static final int ESCAPE = '\\';

    private final CopyBuffer out;
    private boolean started;

    CopyTextEncoder(CopyBuffer out) {
        this.out = out;
    }

    /** Appends the next field of the row. */
    void field(Field field) {
        separate();
        byte[] text = field.bytes();
        int done = field.start();
        for (int i = done; i < field.end(); i++) {
            int letter = letter(text[i]);
            if (letter != 0) {
                out.put(text, done, i - done);
                out.putByte(ESCAPE);
                out.putByte(letter);
                done = i + 1;
            }
        }
        out.put(text, done, field.end() - done);
    }

    /** Appends NULL as the next field of the row. */
    void nullField() {
        separate();
        out.putByte(ESCAPE);
        out.putByte('N');
    }

    /** Ends the row; the next field is the first one of the next row. */
    void endRow() {
        out.putByte('\n');
        started = false;
    }

    private void separate() {
        if (started) {
            out.putByte('\t');
        }
        started = true;
    }

    /** What stands after the backslash for a byte that is to be escaped; 0 for any other byte. */
    private static int letter(byte value) {
        if (value < '\b' || (value > '\r' && value != ESCAPE)) {
            return 0;
        }
        return switch (value) {
            case '\b' -> 'b';
            case '\t' -> 't';
            case '\n' -> 'n';
            case 0x0B -> 'v';
            case '\f' -> 'f';
            case '\r' -> 'r';
            default -> ESCAPE;
        };
    }
}
