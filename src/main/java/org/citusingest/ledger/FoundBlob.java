package org.citusingest.ledger;

/**
 * A blob version as the listing of its container shows it.
 *
 * @param name the blob's name within its container
 * @param etag the version
 * @param sizeBytes its size
 * @param skipped why it is not to be loaded; null when it is
 */
public record FoundBlob(String name, String etag, long sizeBytes, String skipped) {}
