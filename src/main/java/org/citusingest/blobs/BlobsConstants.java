package org.citusingest.blobs;

import org.apache.camel.spi.Metadata;

/** The headers of the blobs component. */
public final class BlobsConstants {
    @Metadata(
            label = "consumer",
            description = "The name of the storage account.",
            javaType = "String")
    public static final String ACCOUNT = "CamelBlobsAccount";

    @Metadata(label = "consumer", description = "The name of the container.", javaType = "String")
    public static final String CONTAINER = "CamelBlobsContainer";

    @Metadata(
            label = "consumer",
            description = "The name of the blob within its container.",
            javaType = "String")
    public static final String BLOB = "CamelBlobsBlob";

    @Metadata(
            label = "consumer",
            description = "The version of the blob, to which every read of the body is pinned.",
            javaType = "String")
    public static final String ETAG = "CamelBlobsETag";

    @Metadata(label = "consumer", description = "The size of the blob in bytes.", javaType = "Long")
    public static final String SIZE = "CamelBlobsSize";

    @Metadata(
            label = "consumer",
            description = "Which attempt at loading this blob version it is, counted from 1.",
            javaType = "Integer")
    public static final String ATTEMPT = "CamelBlobsAttempt";

    @Metadata(
            label = "consumer",
            description =
                    "How many blobs came together, with the option batchFiles. Set in place of the headers of a single blob.",
            javaType = "Integer")
    public static final String BLOBS = "CamelBlobsCount";

    /**
     * Also set: what the citus component knows the load by. Blobs and citus share only this name.
     */
    static final String LOAD_KEY = "CamelCitusLoadKey";

    /**
     * The metadata of a blob that tell what it is; {@code rejected}: the rejected rows of a load.
     */
    static final String CONTENT = "citusingest";

    private BlobsConstants() {}
}
