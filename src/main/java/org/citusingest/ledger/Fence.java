package org.citusingest.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What every statement that writes to a claimed load asks for: that the load is still the claim's.
 * Whoever lost its lease changes nothing.
 */
final class Fence {
    /** Follows a WHERE or an AND; its parameters are {@link #of}. */
    static final String SQL = "id = ? AND owner = ? AND generation = ?";

    private Fence() {}

    static Object[] of(Claim claim, Object... before) {
        Object[] all = Arrays.copyOf(before, before.length + 3);
        all[before.length] = claim.id();
        all[before.length + 1] = claim.owner();
        all[before.length + 2] = claim.generation();
        return all;
    }

    /**
     * Checks that the loads are being loaded by these claims. Nobody takes one over before this
     * transaction ends.
     *
     * @throws LedgerException when one is not
     */
    static void check(Connection connection, Collection<Claim> claims) throws SQLException {
        Map<Long, Claim> lost = new LinkedHashMap<>();
        claims.forEach(claim -> lost.put(claim.id(), claim));
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT id, owner, generation FROM citus_ingest.load WHERE id = ANY (?) AND state = 'loading'"
                                + " FOR SHARE")) {
            LedgerDatabase.set(query, LedgerDatabase.ids(connection, lost.keySet()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    Claim claim = lost.get(row.getLong(1));
                    if (claim.owner().equals(row.getString(2))
                            && claim.generation() == row.getInt(3)) {
                        lost.remove(claim.id());
                    }
                }
            }
        }
        if (!lost.isEmpty()) {
            throw lost(lost.values().iterator().next());
        }
    }

    /**
     * Whether the load is being loaded by this claim, once no other transaction of the load holds
     * it: to write to its row.
     */
    static boolean holdsAlone(Connection connection, Claim claim) throws SQLException {
        return LedgerDatabase.ask(
                        connection,
                        "SELECT id FROM citus_ingest.load WHERE "
                                + SQL
                                + " AND state = 'loading' FOR UPDATE",
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
