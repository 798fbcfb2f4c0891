package org.citusingest.citus;

import org.citusingest.rows.Field;

/**
 * Encodes the text of a field as the field of a binary COPY: its length as four bytes, then the
 * value as the type's receive function reads it.
 *
 * <p>An encoder is an accelerator and no judge: it recognises a text only where it is certain that
 * {@code text::type} accepts it and means the same value. Whatever else a file may hold is left to
 * PostgreSQL.
 */
interface ColumnEncoder {
    /**
     * Appends the length and the value.
     *
     * @return false when the text is not recognised; what was appended is then to be rewound
     */
    boolean encode(Field field, CopyBuffer out);
}
