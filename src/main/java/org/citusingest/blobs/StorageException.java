package org.citusingest.blobs;

import com.azure.storage.blob.models.BlobStorageException;
import java.io.Serial;

/** The storage account does not give what was asked of it; the message says how to mend that. */
public final class StorageException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final int status;

    StorageException(String message, RuntimeException cause) {
        super(message, cause);
        status = cause instanceof BlobStorageException answer ? answer.getStatusCode() : 0;
    }

    /** The status of its HTTP answer; 0 where it has not answered. */
    public int status() {
        return status;
    }
}
