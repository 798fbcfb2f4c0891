package org.citusingest.citus;

import java.io.Serial;

/**
 * The table is not there, or does not fit the rows: trying again without a change does not help.
 */
public final class TableException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    TableException(String message) {
        super(message);
    }
}
