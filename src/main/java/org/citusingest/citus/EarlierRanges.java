package org.citusingest.citus;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.rows.RowBatch.Span;

/**
 * What earlier attempts at a load have committed: it is not copied again, whatever the size of its
 * batches was.
 *
 * @param ranges in the order of the source
 */
record EarlierRanges(List<CommittedRange> ranges) {
    /**
     * A part of a batch that is to be copied.
     *
     * @param shards the shards that have their rows of it already, see {@link
     *     CommittedRange#shards}
     */
    record Part(Span span, Set<Long> shards) {}

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    long rowsRejected() {
        return ranges.stream().mapToLong(CommittedRange::rowsRejected).sum();
    }

    /** The parts of a span that are not, or not all, in this table yet. */
    List<Part> missing(String table, Span span) {
        List<CommittedRange> meet =
                ranges.stream()
                        .filter(range -> range.table().equals(table))
                        .filter(range -> range.to() > span.from() && range.from() < span.to())
                        .toList();
        if (meet.isEmpty()) {
            boolean none = span.from() == span.to() && !ranges.isEmpty();
            return none ? List.of() : List.of(new Part(span, Set.of()));
        }
        TreeSet<Long> edges = new TreeSet<>(List.of(span.from(), span.to()));
        for (CommittedRange range : meet) {
            edges.add(Math.max(span.from(), range.from()));
            edges.add(Math.min(span.to(), range.to()));
        }
        List<Part> missing = new ArrayList<>();
        for (long from = span.from(); from < span.to(); from = edges.higher(from)) {
            long at = from;
            List<CommittedRange> over =
                    meet.stream().filter(range -> range.from() <= at && range.to() > at).toList();
            if (over.stream().noneMatch(range -> range.shards().isEmpty())) {
                Set<Long> shards = new HashSet<>();
                over.forEach(range -> shards.addAll(range.shards()));
                missing.add(
                        new Part(
                                new Span(span.number(), span.firstRow(), at, edges.higher(at)),
                                shards));
            }
        }
        return missing;
    }
}
