package org.citusingest.rows.parquet;

import org.citusingest.rows.Field;

/** Writes values as JSON. */
final class Json {
    private static final String HEX = "0123456789abcdef";

    private Json() {}

    /**
     * A number or truth value as it is, anything else as a text.
     *
     * @param numeric whether its text is a number, unless it says that it is none
     */
    static void value(Field field, boolean numeric, BytesVector out) {
        boolean bare =
                switch (field.kind()) {
                    case BOOLEAN, INTEGER -> true;
                    // NaN and Infinity are no numbers in JSON.
                    case FLOAT4, FLOAT8 -> Double.isFinite(field.real());
                    case TEXT -> numeric && Character.isDigit(field.bytes()[field.end() - 1]);
                    case DATE, TIMESTAMP, TIMESTAMPTZ, UUID, BINARY -> false;
                };
        if (bare) {
            out.put(field.bytes(), field.start(), field.end());
        } else {
            text(field.bytes(), field.start(), field.end(), out);
        }
    }

    static void ascii(String text, BytesVector out) {
        for (int i = 0; i < text.length(); i++) {
            out.put(text.charAt(i));
        }
    }

    /** A text in UTF-8, quoted. */
    static void text(byte[] utf8, int start, int end, BytesVector out) {
        out.put('"');
        int done = start;
        for (int i = start; i < end; i++) {
            byte next = utf8[i];
            if (next == '"' || next == '\\' || (next >= 0 && next < ' ')) {
                out.put(utf8, done, i);
                done = i + 1;
                out.put('\\');
                if (next < ' ') {
                    ascii("u00", out);
                    out.put(HEX.charAt(next >> 4));
                    out.put(HEX.charAt(next & 0xf));
                } else {
                    out.put(next);
                }
            }
        }
        out.put(utf8, done, end);
        out.put('"');
    }
}
