package org.citusingest.rows;

import java.util.ArrayList;
import java.util.List;

/** Reads the names of the columns from the first row. */
final class Header {
    private Header() {}

    /**
     * The names as they are written, without their quotes.
     *
     * @param nullToken what a name reads that looks like NULL
     * @throws RowFormatException when a name is empty or stands twice
     */
    static List<String> names(RowCursor cursor, String nullToken) {
        cursor.next();
        List<String> names = new ArrayList<>();
        Field field = new Field();
        for (int i = 0; i < cursor.fields(); i++) {
            String name = cursor.read(i, field) ? field.toString() : nullToken;
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

    private static RowFormatException unusable(RowCursor cursor, String what) {
        return new RowFormatException(
                0,
                cursor.byteOffset(),
                what
                        + ", so its values have no certain place in a table; correct the header, or"
                        + " give all names by the option 'columns'");
    }
}
