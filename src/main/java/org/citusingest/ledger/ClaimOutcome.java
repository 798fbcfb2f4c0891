package org.citusingest.ledger;

import java.time.Instant;

/** What came of asking for the load of a key. */
public sealed interface ClaimOutcome {
    /** The load is the caller's. */
    record Claimed(Claim claim) implements ClaimOutcome {}

    /** Its rows are in the table already. */
    record AlreadyLoaded(long id) implements ClaimOutcome {}

    /** Another process, or another exchange of this one, is at it. */
    record Held(long id, String owner, Instant leaseUntil) implements ClaimOutcome {}
}
