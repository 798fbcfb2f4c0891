package org.citusingest.rows;

import java.util.Arrays;

/**
 * Where the rows and fields of a buffer stand, found in one pass so that whoever reads the fields
 * looks at no byte twice. The idea of a structural index in a first pass is from Langdale and
 * Lemire, "Parsing Gigabytes of JSON per Second" (2019).
 *
 * <p>It is one int array, whose meaning is the format's. In that of delimited text a row takes two
 * ints, the position of its first byte and its number of fields, and one more for each field: the
 * position after its last byte, shifted left by two, and in the lowest two bits how the field is
 * written. A field starts after the delimiter that ends the one before.
 */
public final class RowIndex {
    /** The text of the field is its value. */
    static final int PLAIN = 0;

    /** The field stands in quotes, and what is between them is its value. */
    static final int QUOTED = 1;

    /** The field stands in quotes, and what is between them has doubled or escaped quotes. */
    static final int ESCAPED = 2;

    private static final int KINDS = 3;

    /** The first int is the row's first byte, the second its number of fields, then the fields. */
    static final int ROW_INTS = 2;

    private int[] ints;
    private int rows;

    /** Makes an index with room for about the rows of that many bytes; it grows on demand. */
    RowIndex(int bytes) {
        ints = new int[bytes / 8 + 64];
    }

    /** Where it is written. */
    public int[] ints() {
        return ints;
    }

    /** Makes room for more. */
    public int[] grow() {
        ints = Arrays.copyOf(ints, ints.length * 2);
        return ints;
    }

    /** How many rows there are. */
    public int rows() {
        return rows;
    }

    /** Says how many rows have been written. */
    public void rows(int written) {
        rows = written;
    }

    static int field(int end, int kind) {
        return end << 2 | kind;
    }

    static int end(int field) {
        return field >>> 2;
    }

    static int kind(int field) {
        return field & KINDS;
    }
}
