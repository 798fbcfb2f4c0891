package org.citusingest.rows;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the names of the columns from the first row. */
final class Header {
    private Header() {}

    /**
     * The names as they are written, without their quotes.
     *
     * @param nullToken what a name reads that looks like NULL
     * @throws RowFormatException when a name is empty, stands twice or is no text
     */
    static List<String> names(RowCursor cursor, String nullToken) {
        cursor.next();
        List<String> names = new ArrayList<>();
        Field field = new Field();
        for (int i = 0; i < cursor.fields(); i++) {
            String name = cursor.read(i, field) ? text(cursor, i, field) : nullToken;
            int earlier = names.indexOf(name);
            if (name.isEmpty()) {
                throw unusable(cursor, "column " + (i + 1) + " has no name");
            }
            if (earlier >= 0) {
                throw unusable(
                        cursor,
                        "columns "
                                + (earlier + 1)
                                + " and "
                                + (i + 1)
                                + " are both named '"
                                + name
                                + "'");
            }
            names.add(name);
        }
        return List.copyOf(names);
    }

    /** Its bytes as text; those of an archive or of another encoding would make an odd name. */
    private static String text(RowCursor cursor, int index, Field field) {
        try {
            String name =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(field.bytes(), field.start(), field.length()))
                            .toString();
            if (name.indexOf('\0') < 0) {
                return name;
            }
        } catch (CharacterCodingException e) {
            // Said below, as for a NUL.
        }
        throw new RowFormatException(
                0,
                cursor.byteOffset(),
                "the name of column "
                        + (index + 1)
                        + " is no text in UTF-8, so it is not certain what the source is; if it is text, set the"
                        + " option 'charset' to its encoding, else unpack it: gzip, zstd, bzip2, xz, lz4 and"
                        + " framed snappy are read, once and not twice");
    }

    private static RowFormatException unusable(RowCursor cursor, String what) {
        return new RowFormatException(
                0,
                cursor.byteOffset(),
                what
                        + ", so its values have no certain place in a table; correct the header, or"
                        + " give all names by the option 'columns'");
    }
}
