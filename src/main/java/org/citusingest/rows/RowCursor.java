package org.citusingest.rows;

/** Walks over the rows of a batch. Not thread-safe; a batch gives as many cursors as wanted. */
public interface RowCursor {
    /** Moves to the next row, at first to the first one; false when there is none. */
    boolean next();

    /** How many fields this row has; it may differ from the number of columns (a ragged row). */
    int fields();

    /**
     * Points {@code field} at the text of the field with this index, counted from 0.
     *
     * @return false when the field is NULL; {@code field} is then unchanged
     */
    boolean read(int index, Field field);

    /** Why this row has no fields to be read although the rows around it have; null when it has. */
    default String refusal() {
        return null;
    }

    /** The number of this row in its source, counted from 1; a header is not a row. */
    long rowNumber();

    /**
     * Where this row starts in its source, in bytes of the decompressed source; -1 when not known.
     */
    long byteOffset();

    /** A copy of this row as it stands in its source, without the line end. */
    byte[] raw();
}
