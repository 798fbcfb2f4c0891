package org.citusingest.blobs;

import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.options.BlobInputStreamOptions;
import java.io.InputStream;
import java.util.function.LongConsumer;
import org.citusingest.ledger.Failpoint;

/**
 * A version of a blob that has not been opened: the body of an exchange from {@code blobs:}.
 * Nothing is downloaded before {@link #open()}, and every download asks for this version and no
 * other.
 */
public final class BlobReference {
    private static final int RANGE_BYTES = 4 << 20;

    private final BlobClient client;
    private final String etag;
    private final long sizeBytes;
    private final LongConsumer bytesRead;

    BlobReference(BlobClient client, String etag, long sizeBytes, LongConsumer bytesRead) {
        this.client = client;
        this.etag = etag;
        this.sizeBytes = sizeBytes;
        this.bytesRead = bytesRead;
    }

    /** The name of the blob within its container. */
    public String name() {
        return client.getBlobName();
    }

    /** The name of the container. */
    public String container() {
        return client.getContainerName();
    }

    /** The version. */
    public String etag() {
        return etag;
    }

    /** The size in bytes. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /**
     * Opens the blob. The stream reads one range after the other; a version that was overwritten or
     * deleted in the meantime is an error (412 or 404), never a mixture.
     */
    public InputStream open() {
        InputStream stream =
                client.openInputStream(
                        new BlobInputStreamOptions()
                                .setBlockSize(RANGE_BYTES)
                                .setRequestConditions(
                                        new BlobRequestConditions().setIfMatch(quoted(etag))));
        Failpoint.AFTER_OPEN.reach();
        return new CountingInputStream(stream, bytesRead);
    }

    /** The listing gives the ETag bare, a condition wants it in quotes. */
    private static String quoted(String etag) {
        return etag.startsWith("\"") ? etag : '"' + etag + '"';
    }

    @Override
    public String toString() {
        return container() + "/" + name() + "@" + etag;
    }
}
