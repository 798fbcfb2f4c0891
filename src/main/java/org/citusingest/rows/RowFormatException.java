package org.citusingest.rows;

/**
 * Says that a source does not have the form it was declared to have, so that its rows cannot be
 * told apart or a value cannot be given to the database.
 *
 * <p>The message is one line: where, what, why, and what to do.
 */
public final class RowFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long rowNumber;
    private final long byteOffset;

    /**
     * Makes an exception whose message starts with the place.
     *
     * @param rowNumber the number of the row, counted from 1; 0 for the header, -1 when not known
     * @param byteOffset the byte, counted from 0 in the decompressed source; -1 when not known
     * @param message what is wrong, why it matters and what to do
     */
    public RowFormatException(long rowNumber, long byteOffset, String message) {
        super(place(rowNumber, byteOffset) + message);
        this.rowNumber = rowNumber;
        this.byteOffset = byteOffset;
    }

    private RowFormatException(String message, RowFormatException cause) {
        super(message, cause);
        this.rowNumber = cause.rowNumber;
        this.byteOffset = cause.byteOffset;
    }

    /** The same, with the name of the source before the place. */
    public RowFormatException in(String source) {
        return new RowFormatException(source + " " + getMessage(), this);
    }

    /** The number of the row, counted from 1; 0 for the header, -1 when not known. */
    public long rowNumber() {
        return rowNumber;
    }

    /** The byte, counted from 0 in the decompressed source; -1 when not known. */
    public long byteOffset() {
        return byteOffset;
    }

    private static String place(long rowNumber, long byteOffset) {
        String row = rowNumber < 0 ? "" : rowNumber == 0 ? "header" : "row " + rowNumber;
        String at = byteOffset < 0 ? "" : "byte " + byteOffset;
        String both = row + (row.isEmpty() || at.isEmpty() ? "" : ", ") + at;
        return both.isEmpty() ? "" : both + ": ";
    }
}
