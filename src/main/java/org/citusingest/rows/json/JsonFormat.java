package org.citusingest.rows.json;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.citusingest.rows.TextLimits;

/**
 * What is read of JSON, and where its records are.
 *
 * @param lines whether each line is a record
 * @param path the keys that lead to the records in a document; none when it is them
 * @param columns the columns; none when they are the keys of the records
 * @param maxDepth how deep objects and arrays may stand in each other in a record
 * @param charset how the text is encoded where no byte order mark says otherwise
 * @param limits how much is read at a time, and how much there may be
 */
record JsonFormat(
        boolean lines,
        List<String> path,
        List<ColumnPath> columns,
        int maxDepth,
        Charset charset,
        TextLimits limits) {
    private static final int MOST_DEPTH = 1000;

    /**
     * Checks that the options are possible.
     *
     * @throws IllegalArgumentException naming the option, its value and what is allowed
     */
    JsonFormat {
        path = List.copyOf(path);
        columns = List.copyOf(columns);
        if (maxDepth < 1 || maxDepth > MOST_DEPTH) {
            throw new IllegalArgumentException(
                    "The option 'maxDepth' is '%d', but it must be from 1 to %d"
                            .formatted(maxDepth, MOST_DEPTH));
        }
        // Two columns of one place are found by making the tree of all.
        Keys.of(columns);
    }

    /** One record a line, as other options have it by default. */
    static JsonFormat ofLines() {
        return of(true);
    }

    /** A document, as other options have it by default. */
    static JsonFormat ofDocument() {
        return of(false);
    }

    private static JsonFormat of(boolean lines) {
        return new JsonFormat(
                lines, List.of(), List.of(), 64, StandardCharsets.UTF_8, TextLimits.DEFAULT);
    }

    /** The same with records elsewhere. */
    JsonFormat withPath(List<String> value) {
        return new JsonFormat(lines, value, columns, maxDepth, charset, limits);
    }

    /** The same with other columns. */
    JsonFormat withColumns(List<ColumnPath> value) {
        return new JsonFormat(lines, path, value, maxDepth, charset, limits);
    }

    /** The same with another depth. */
    JsonFormat withMaxDepth(int value) {
        return new JsonFormat(lines, path, columns, value, charset, limits);
    }

    /** The same with another encoding. */
    JsonFormat withCharset(Charset value) {
        return new JsonFormat(lines, path, columns, maxDepth, value, limits);
    }

    /** The same with other limits. */
    JsonFormat withLimits(TextLimits value) {
        return new JsonFormat(lines, path, columns, maxDepth, charset, value);
    }
}
