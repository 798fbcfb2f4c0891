package org.citusingest.blobs;

import com.azure.storage.blob.models.AccessTier;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobType;
import java.util.Map;
import org.citusingest.ledger.FoundBlob;

/** What is registered of a blob, whether a listing shows it or its properties are asked for. */
final class Listed {
    // Set by the service on the placeholder of a directory, where the account has a hierarchical
    // namespace.
    private static final String DIRECTORY = "hdi_isfolder";

    private static final String REJECTED = "rejected";

    private Listed() {}

    static FoundBlob found(BlobItem blob) {
        return found(
                blob.getName(),
                blob.getProperties().getETag(),
                blob.getProperties().getContentLength(),
                blob.getProperties().getBlobType(),
                blob.getProperties().getAccessTier(),
                blob.getMetadata());
    }

    static FoundBlob found(String name, BlobProperties properties) {
        return found(
                name,
                // In a header it is quoted, in a listing it is not.
                properties.getETag().replace("\"", ""),
                properties.getBlobSize(),
                properties.getBlobType(),
                properties.getAccessTier(),
                properties.getMetadata());
    }

    private static FoundBlob found(
            String name,
            String etag,
            long size,
            BlobType type,
            AccessTier tier,
            Map<String, String> metadataOrNull) {
        Map<String, String> metadata = metadataOrNull == null ? Map.of() : metadataOrNull;
        String skipped = null;
        if (Boolean.parseBoolean(metadata.get(DIRECTORY)) || name.endsWith("/")) {
            skipped = "a directory marker";
        } else if (REJECTED.equals(metadata.get(BlobsConstants.CONTENT))) {
            skipped = "rejected rows of another load";
        } else if (size == 0) {
            skipped = "zero bytes";
        } else if (type == BlobType.PAGE_BLOB) {
            skipped = "a page blob, which is a disk and no file";
        } else if (AccessTier.ARCHIVE.equals(tier)) {
            skipped = "in the archive tier; when it is rehydrated, reload it";
        }
        return new FoundBlob(name, etag, size, skipped);
    }
}
