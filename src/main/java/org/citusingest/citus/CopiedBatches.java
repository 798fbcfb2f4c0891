package org.citusingest.citus;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.ledger.LedgerException;
import org.citusingest.rows.RowBatch.Span;

/** Which batches of a load have been copied into which tables. Thread-safe. */
final class CopiedBatches {
    // By its name: the same table may be read from the catalog again during a load.
    private final Map<String, TreeMap<Long, Copied>> tables = new LinkedHashMap<>();

    /** What of a batch is in one table. */
    private record Copied(Span span, long rows) {
        Copied and(Copied again) {
            return new Copied(span, rows + again.rows);
        }
    }

    /** A batch that is not in a table. */
    record Missing(long number, String table) {}

    synchronized boolean isEmpty() {
        return tables.isEmpty();
    }

    synchronized void add(String table, Span span, long rows) {
        tables.computeIfAbsent(table, unused -> new TreeMap<>())
                .merge(span.number(), new Copied(span, rows), Copied::and);
    }

    /**
     * The batches that a table lacks while another batch of the load is in it.
     *
     * @param batches how many batches the load has
     */
    synchronized List<Missing> missing(long batches) {
        List<Missing> missing = new ArrayList<>();
        tables.forEach(
                (table, copied) -> {
                    for (long number = 0; number < batches && copied.size() < batches; number++) {
                        if (!copied.containsKey(number)) {
                            missing.add(new Missing(number, table));
                        }
                    }
                });
        return missing;
    }

    /** How many batches are in a table, the most. */
    synchronized long batches() {
        return tables.values().stream().mapToLong(TreeMap::size).max().orElse(0);
    }

    /** How many rows there are in all of them, whatever became of each row. */
    synchronized long rows() {
        return tables.values().stream()
                .flatMap(batches -> batches.values().stream())
                .mapToLong(Copied::rows)
                .sum();
    }

    /**
     * Looks whether the ledger has, or is to have, as many rows as the source.
     *
     * @throws LedgerException when earlier attempts have read another source
     */
    void check(Claim claim, long inLedger) {
        if (inLedger != rows()) {
            throw new LedgerException(
                    "%s has %d rows, and the batches of load %d in the ledger have %d: the source is not the one that its key or ETag names; citus-ingest unload --load %d removes its rows"
                            .formatted(claim.source(), rows(), claim.id(), inLedger, claim.id()));
        }
    }

    /**
     * The range of each table, from its first batch to its last: none is missing.
     *
     * @param rejected how many rows of each table were rejected
     */
    synchronized List<CommittedRange> ranges(Map<String, Long> rejected) {
        List<CommittedRange> ranges = new ArrayList<>();
        tables.forEach(
                (table, batches) -> {
                    long rows = batches.values().stream().mapToLong(Copied::rows).sum();
                    long bad = rejected.getOrDefault(table, 0L);
                    Span first = batches.firstEntry().getValue().span();
                    Span last = batches.lastEntry().getValue().span();
                    // Lists that came before the size of all others was known have wrong ends.
                    long to = Math.max(last.to(), first.from() + rows);
                    ranges.add(new CommittedRange(table, first.from(), to, rows - bad, bad));
                });
        return ranges;
    }
}
