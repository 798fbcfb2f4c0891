package org.citusingest.rows.parquet;

/** The values of a page, one after the other, whatever their encoding. Makes no object a value. */
abstract class Values {
    /** A value of a fixed width of up to eight bytes: its bits. */
    long number;

    /** The array that holds any other value. */
    byte[] bytes = {};

    int start;
    int end;

    /** Goes to the next value, at first to the first one. */
    abstract void next();

    /** Points at bytes. */
    final void point(byte[] array, int from, int to) {
        bytes = array;
        start = from;
        end = to;
    }
}
