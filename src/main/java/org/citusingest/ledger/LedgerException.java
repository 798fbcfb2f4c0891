package org.citusingest.ledger;

import java.io.Serial;

/**
 * The ledger cannot be read or written, or forbids what was asked. Nothing is loaded without it.
 */
public final class LedgerException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    public LedgerException(String message, Throwable cause) {
        super(message, cause);
    }

    public LedgerException(String message) {
        super(message);
    }
}
