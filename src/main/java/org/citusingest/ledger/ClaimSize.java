package org.citusingest.ledger;

/**
 * How many loads are claimed at once, at most. Several are claimed together only at their first
 * attempt, so that one which kills its process takes no others along with it again.
 *
 * @param loads how many
 * @param bytes how large their sources may be in all, unless there is only one
 */
public record ClaimSize(int loads, long bytes) {
    /** One load, whatever its size. */
    public static final ClaimSize ONE = new ClaimSize(1, Long.MAX_VALUE);
}
