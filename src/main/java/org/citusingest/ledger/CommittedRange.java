package org.citusingest.ledger;

/**
 * A range of a source whose rows are in a table.
 *
 * @param table the table, as it is written in SQL
 * @param from the first byte (or row) of the range
 * @param to the byte (or row) after it
 * @param rowsCopied how many of its rows were copied
 * @param rowsRejected how many of its rows were rejected
 */
public record CommittedRange(String table, long from, long to, long rowsCopied, long rowsRejected) {

    /** Whether the other one begins where this one ends, in the same table. */
    public boolean isFollowedBy(CommittedRange next) {
        return table.equals(next.table) && to == next.from;
    }

    /** This one and the one that follows it as one. */
    public CommittedRange and(CommittedRange next) {
        return new CommittedRange(
                table,
                from,
                next.to,
                rowsCopied + next.rowsCopied,
                rowsRejected + next.rowsRejected);
    }
}
