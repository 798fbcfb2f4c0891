package org.citusingest.blobs;

import java.io.Serial;

/** The storage account does not give what was asked of it; the message says how to mend that. */
public final class StorageException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}
