package org.citusingest.citus;

/**
 * Why a row is not in its table.
 *
 * @param index which row of its batch it is, counted from 0
 * @param column the column whose value was refused; null when it is not one column
 * @param sqlState the SQLSTATE
 * @param reason the server's words, or ours where it was not asked
 */
record Refusal(int index, String column, String sqlState, String reason) {
    /** The state of what is no row of this table: too many fields, or too few. */
    static final String BAD_FORMAT = "22P04";

    /** The state of bytes that are no text. */
    static final String BAD_TEXT = "22021";
}
