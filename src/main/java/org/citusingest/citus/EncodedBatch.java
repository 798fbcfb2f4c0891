package org.citusingest.citus;

import java.util.List;
import org.citusingest.ledger.CommittedRange;
import org.citusingest.rows.RowBatch;

/**
 * The rows of a batch as they go to the server.
 *
 * @param load whose rows they are
 * @param batch where they come from; kept until the server has taken them
 * @param span which part of the source they are
 * @param certain the rows whose every value was recognised: only a constraint can refuse them; by
 *     the relations that they go to
 * @param uncertain the rows with a value that is the server's to judge, always as text
 * @param refused the rows that are none of this table, whatever the server would say
 * @param shards the shards that these are all the rows for, with 0 for those that go by none; empty
 *     for all rows of the part
 * @param done to be called when there is no more use for it, whatever came of it
 */
record EncodedBatch(
        CopyTarget target,
        Load load,
        RowBatch batch,
        RowBatch.Span span,
        List<EncodedRows> certain,
        EncodedRows uncertain,
        List<Refusal> refused,
        List<Long> shards,
        Runnable done) {

    /** How many rows there are, of all three kinds. */
    int size() {
        return certain.stream().mapToInt(EncodedRows::size).sum()
                + uncertain.size()
                + refused.size();
    }

    /** What the ledger has of it once it is committed. */
    CommittedRange range(int rejected) {
        return new CommittedRange(
                target.table().sql(),
                span.from(),
                span.to(),
                (long) size() - rejected,
                rejected,
                shards);
    }

    /** How many bytes are sent. */
    int bytes() {
        return certain.stream().mapToInt(rows -> rows.bytes().size()).sum()
                + uncertain.bytes().size();
    }
}
