package org.citusingest.citus;

import org.citusingest.ledger.Claim;

/** A load of this process: its claim, and what is known of its rows. */
final class Load {
    private final Claim claim;
    private final EarlierRanges earlier;
    private final CopiedBatches copied = new CopiedBatches();
    private final Rejections rejections;
    private volatile boolean empty;

    /**
     * @param earlier what earlier attempts have committed
     */
    Load(Claim claim, EarlierRanges earlier) {
        this.claim = claim;
        this.earlier = earlier;
        rejections = new Rejections(claim.source());
        rejections.countEarlier(earlier.rowsRejected());
    }

    Claim claim() {
        return claim;
    }

    /** What a person calls it. */
    String source() {
        return claim.source();
    }

    /** What earlier attempts have committed. */
    EarlierRanges earlier() {
        return earlier;
    }

    /** Says that its source has neither rows nor names of columns: there is nothing to copy. */
    void markEmpty() {
        empty = true;
    }

    /** Whether that has been said. */
    boolean isEmpty() {
        return empty;
    }

    /** Which of its batches have been copied. */
    CopiedBatches copied() {
        return copied;
    }

    /** Its rejected rows. */
    Rejections rejections() {
        return rejections;
    }
}
