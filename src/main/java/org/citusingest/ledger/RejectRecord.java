package org.citusingest.ledger;

import java.time.Instant;

/**
 * A rejected row as the ledger keeps it.
 *
 * @param load the load that rejected it
 * @param source what a person calls its source
 * @param row the row and why it was refused
 * @param published whether the good rows beside it are in their tables
 * @param replay the load that has taken it up again; null while none has
 */
public record RejectRecord(
        long load,
        String source,
        RejectedRow row,
        boolean published,
        Long replay,
        Instant rejectedAt) {}
