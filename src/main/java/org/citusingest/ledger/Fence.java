package org.citusingest.ledger;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What every statement that writes to a claimed load asks for: that the load is still the claim's.
 * Whoever lost its lease changes nothing.
 */
final class Fence {
    /** Follows a WHERE or an AND; its parameters are {@link #of}. */
    static final String SQL = "id = ? AND owner = ? AND generation = ?";

    private Fence() {}

    static Object[] of(Claim claim, Object... before) {
        Object[] all = java.util.Arrays.copyOf(before, before.length + 3);
        all[before.length] = claim.id();
        all[before.length + 1] = claim.owner();
        all[before.length + 2] = claim.generation();
        return all;
    }

    /**
     * Whether the load is being loaded by this claim. Nobody takes it over before this transaction
     * ends.
     */
    static boolean holds(Connection connection, Claim claim) throws SQLException {
        return locks(connection, claim, "FOR SHARE");
    }

    /** As {@link #holds}, once no other transaction of the load holds it: to write to its row. */
    static boolean holdsAlone(Connection connection, Claim claim) throws SQLException {
        return locks(connection, claim, "FOR UPDATE");
    }

    private static boolean locks(Connection connection, Claim claim, String lock)
            throws SQLException {
        return LedgerDatabase.ask(
                        connection,
                        "SELECT id FROM citus_ingest.load WHERE "
                                + SQL
                                + " AND state = 'loading' "
                                + lock,
                        of(claim))
                != null;
    }

    static LedgerException lost(Claim claim) {
        return new LedgerException(
                "Load "
                        + claim.id()
                        + " of "
                        + claim.source()
                        + " is no longer this process's: its lease ended and another one took it over, which loads it;"
                        + " nothing of this attempt is kept");
    }
}
