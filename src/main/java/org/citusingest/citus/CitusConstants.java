package org.citusingest.citus;

import org.apache.camel.spi.Metadata;

/** The headers of the citus component. */
public final class CitusConstants {
    @Metadata(
            label = "producer",
            description =
                    "What identifies the source of the rows within its route, such as a path with its time of change:"
                            + " a key that was loaded once is never loaded again. The blobs component needs none.",
            javaType = "String")
    public static final String LOAD_KEY = "CamelCitusLoadKey";

    @Metadata(
            label = "producer",
            description = "The id of the load in the ledger. Set once the rows are in the table.",
            javaType = "Long")
    public static final String LOAD_ID = "CamelCitusLoadId";

    @Metadata(
            label = "producer",
            description =
                    "How many rows of the load were copied; 0 when it had been loaded before.",
            javaType = "Long")
    public static final String ROWS_COPIED = "CamelCitusRowsCopied";

    @Metadata(
            label = "producer",
            description = "How many rows of the load were rejected.",
            javaType = "Long")
    public static final String ROWS_REJECTED = "CamelCitusRowsRejected";

    private CitusConstants() {}
}
