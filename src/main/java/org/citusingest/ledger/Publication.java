package org.citusingest.ledger;

import java.util.List;
import java.util.Optional;

/**
 * What a load brings into its tables when it is published.
 *
 * @param ranges the ranges committed together with the publication; none where each was committed
 *     by itself
 * @param rowsCopied how many rows are in the tables
 * @param rowsRejected how many rows were rejected
 * @param onRemove SQL that takes the loads in {@code citus_ingest.load_ids} out of the summary,
 *     called before the rows of a replaced version are deleted
 */
public record Publication(
        List<CommittedRange> ranges,
        long rowsCopied,
        long rowsRejected,
        Optional<String> onRemove) {}
