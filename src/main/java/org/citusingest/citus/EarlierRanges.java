package org.citusingest.citus;

import java.util.ArrayList;
import java.util.List;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.rows.RowBatch.Span;

/**
 * What earlier attempts at a load have committed: it is not copied again, whatever the size of its
 * batches was.
 *
 * @param ranges in the order of the source
 */
record EarlierRanges(List<CommittedRange> ranges) {
    boolean isEmpty() {
        return ranges.isEmpty();
    }

    long rowsCopied() {
        return ranges.stream().mapToLong(CommittedRange::rowsCopied).sum();
    }

    long rowsRejected() {
        return ranges.stream().mapToLong(CommittedRange::rowsRejected).sum();
    }

    /** The parts of a span that are not in this table yet. */
    List<Span> missing(String table, Span span) {
        List<Span> missing = new ArrayList<>();
        long from = span.from();
        for (CommittedRange range : ranges) {
            if (!range.table().equals(table) || range.to() <= from || range.from() >= span.to()) {
                continue;
            }
            if (range.from() > from) {
                missing.add(new Span(span.number(), span.firstRow(), from, range.from()));
            }
            from = range.to();
        }
        if (from < span.to() || (span.from() == span.to() && ranges.isEmpty())) {
            missing.add(new Span(span.number(), span.firstRow(), from, span.to()));
        }
        return missing;
    }
}
