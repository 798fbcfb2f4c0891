package org.citusingest.ledger;

import java.io.Serial;

/**
 * Another version of the blob is loaded, and by the option {@code onOverwrite} this one is not to
 * be: the transaction that would have published it is to be rolled back.
 */
public final class OverwriteException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final boolean skipped;

    OverwriteException(String message, boolean skipped) {
        super(message);
        this.skipped = skipped;
    }

    /** Whether the version is to be skipped; otherwise it has failed. */
    public boolean skipped() {
        return skipped;
    }
}
