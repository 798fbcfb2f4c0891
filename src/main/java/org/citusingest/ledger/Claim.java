package org.citusingest.ledger;

import java.time.Instant;

/**
 * A load that a process owns until its lease ends.
 *
 * @param id the id of the load in the ledger
 * @param pipeline the id of the route
 * @param account the storage account, or empty
 * @param container the container, or empty
 * @param blob the name of the blob, or the key of another source
 * @param etag the version of the blob, or empty
 * @param sizeBytes the size of the blob; -1 when not known
 * @param owner the process that owns it
 * @param attempt which attempt this is, counted from 1
 * @param generation how often the load has been claimed; with the owner it fences off whoever lost
 *     the lease
 * @param overwrite what becomes of it when another version of its blob is loaded
 * @param eventAt when the blob came to be, by an event; null where no event has told of it
 * @param claimedAt when this attempt began, by the database
 */
public record Claim(
        long id,
        String pipeline,
        String account,
        String container,
        String blob,
        String etag,
        long sizeBytes,
        String owner,
        int attempt,
        int generation,
        Overwrite overwrite,
        Instant eventAt,
        Instant claimedAt) {

    /**
     * The exchange property under which the source of an exchange hands over its claim, or a {@link
     * ClaimGroup}.
     */
    public static final String PROPERTY = "CamelCitusClaim";

    /** What a person calls the source: {@code container/blob}, or the key. */
    public String source() {
        return container.isEmpty() ? blob : container + "/" + blob;
    }

    /**
     * What identifies the source in its pipeline: the value of the header {@code
     * CamelCitusLoadKey}.
     */
    public String key() {
        return container.isEmpty() ? blob : account + "/" + container + "/" + blob + "@" + etag;
    }
}
