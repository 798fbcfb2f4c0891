package org.citusingest.rows;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A row as a line of comma-separated values, for sources in which it is none. */
final class CsvLine {
    private CsvLine() {}

    /** The line without its end, in UTF-8; null is nothing, and the empty text is quoted. */
    static byte[] of(List<String> values) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                line.append(',');
            }
            if (values.get(i) != null) {
                append(line, values.get(i));
            }
        }
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void append(StringBuilder line, String text) {
        boolean plain = !text.isEmpty() && text.chars().noneMatch(c -> ",\"\r\n".indexOf(c) >= 0);
        line.append(plain ? text : '"' + text.replace("\"", "\"\"") + '"');
    }
}
