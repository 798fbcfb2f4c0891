package org.citusingest.rows.json;

import org.citusingest.rows.RowFormatException;
import org.citusingest.rows.RowIndex;

/** Finds the records of a text, part by part. */
interface JsonRecords {
    /**
     * Writes the complete records in {@code bytes[0, to)} into the index.
     *
     * @param last whether the source ends here
     * @param base where the first byte stands in the source
     * @param row the number of the first record
     * @param maxRows stops after that many records
     * @throws RowFormatException when it is not certain where a record ends
     */
    void scan(byte[] bytes, int to, boolean last, long base, long row, int maxRows, RowIndex index);

    /** Where what was scanned ends; an incomplete record starts here. */
    int consumed();
}
