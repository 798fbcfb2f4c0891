package org.citusingest.rows.json;

/** The text of a string that is written with escapes. */
final class JsonString {
    private static final int UNICODE_ESCAPE = "\\u0000".length();

    private JsonString() {}

    /**
     * Writes the text of {@code bytes[from, to)}, whose escapes have been checked. It is never
     * longer than what it is written with. A surrogate that stands alone becomes three bytes that
     * are no UTF-8, and so is refused where the text is.
     *
     * @return where it ends in {@code text}
     */
    static int unescape(byte[] bytes, int from, int to, byte[] text, int start) {
        int end = start;
        int at = from;
        while (at < to) {
            byte c = bytes[at++];
            if (c != '\\') {
                text[end++] = c;
                continue;
            }
            c = bytes[at++];
            switch (c) {
                case 'b' -> text[end++] = '\b';
                case 'f' -> text[end++] = '\f';
                case 'n' -> text[end++] = '\n';
                case 'r' -> text[end++] = '\r';
                case 't' -> text[end++] = '\t';
                case 'u' -> {
                    int point = hex(bytes, at);
                    at += 4;
                    if (Character.isHighSurrogate((char) point)
                            && at + UNICODE_ESCAPE <= to
                            && bytes[at] == '\\'
                            && bytes[at + 1] == 'u'
                            && Character.isLowSurrogate((char) hex(bytes, at + 2))) {
                        point = Character.toCodePoint((char) point, (char) hex(bytes, at + 2));
                        at += UNICODE_ESCAPE;
                    }
                    end = utf8(point, text, end);
                }
                default -> text[end++] = c;
            }
        }
        return end;
    }

    /** The number that four hexadecimal digits are. */
    private static int hex(byte[] bytes, int at) {
        int number = 0;
        for (int i = at; i < at + 4; i++) {
            number = number << 4 | Character.digit(bytes[i], 16);
        }
        return number;
    }

    private static int utf8(int point, byte[] text, int at) {
        int end = at;
        if (point < 0x80) {
            text[end++] = (byte) point;
        } else if (point < 0x800) {
            text[end++] = (byte) (0xC0 | (point >> 6));
            text[end++] = (byte) (0x80 | (point & 0x3F));
        } else if (point < 0x10000) {
            text[end++] = (byte) (0xE0 | (point >> 12));
            text[end++] = (byte) (0x80 | (point >> 6 & 0x3F));
            text[end++] = (byte) (0x80 | (point & 0x3F));
        } else {
            text[end++] = (byte) (0xF0 | (point >> 18));
            text[end++] = (byte) (0x80 | (point >> 12 & 0x3F));
            text[end++] = (byte) (0x80 | (point >> 6 & 0x3F));
            text[end++] = (byte) (0x80 | (point & 0x3F));
        }
        return end;
    }

    /** A text as a JSON string. */
    static String quoted(String text) {
        StringBuilder string = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c < ' ') {
                string.append("\\u%04x".formatted((int) c));
            } else {
                string.append(c);
            }
        }
        return string.append('"').toString();
    }
}
