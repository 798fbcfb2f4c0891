package org.citusingest.ledger;

import java.util.List;

/**
 * A range of a source whose rows are in a table.
 *
 * @param table the table, as it is written in SQL
 * @param from the first byte (or row) of the range
 * @param to the byte (or row) after it
 * @param rowsCopied how many of its rows were copied
 * @param rowsRejected how many of its rows were rejected
 * @param shards the shards that have their rows of it, with 0 for the rows that went by none; empty
 *     for the whole range
 */
public record CommittedRange(
        String table, long from, long to, long rowsCopied, long rowsRejected, List<Long> shards) {

    /** All the rows of a range. */
    public CommittedRange(String table, long from, long to, long rowsCopied, long rowsRejected) {
        this(table, from, to, rowsCopied, rowsRejected, List.of());
    }

    /** Whether the other one begins where this one ends, in the same shards of the same table. */
    public boolean isFollowedBy(CommittedRange next) {
        return table.equals(next.table) && to == next.from && shards.equals(next.shards);
    }

    /** This one and the one that follows it as one. */
    public CommittedRange and(CommittedRange next) {
        return new CommittedRange(
                table,
                from,
                next.to,
                rowsCopied + next.rowsCopied,
                rowsRejected + next.rowsRejected,
                shards);
    }
}
