package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.ask;
import static org.citusingest.ledger.LedgerDatabase.set;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.LongSummaryStatistics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions in which rows are copied, known in {@code pg_stat_activity} by the names that they
 * give themselves: {@code citus-ingest load 17/1} for the first attempt at load 17, {@code
 * citus-ingest load 17-42/1} for loads that share a transaction.
 */
public final class Backends {
    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

    private Backends() {}

    /** The name of a session for these loads. Digits and what stands above, no quotes. */
    public static String name(List<Claim> claims) {
        LongSummaryStatistics ids = claims.stream().mapToLong(Claim::id).summaryStatistics();
        String which =
                ids.getMin() == ids.getMax()
                        ? String.valueOf(ids.getMin())
                        : ids.getMin() + "-" + ids.getMax();
        return "citus-ingest load %s/%d".formatted(which, claims.get(0).attempt());
    }

    /**
     * Ends what an earlier attempt at a load has left running in the database. Its rows are fenced
     * off anyway: this frees its locks. As far as this role may.
     */
    static void end(Connection connection, long load) {
        try {
            for (int pid : of(connection, load)) {
                ask(connection, "SELECT pg_terminate_backend(?)", pid);
            }
        } catch (SQLException e) {
            LOG.debug("The backends of load {} could not be ended", load, e);
        }
    }

    private static List<Integer> of(Connection connection, long load) throws SQLException {
        List<Integer> pids = new ArrayList<>();
        try (PreparedStatement query =
                connection.prepareStatement(
                        """
                        SELECT pid, loads[1]::bigint FROM (
                            SELECT pid, regexp_match(application_name, '^citus-ingest load (\\d+)(?:-(\\d+))?/') AS loads
                            FROM pg_stat_activity
                            WHERE usename = current_user AND datname = current_database()
                              AND pid <> pg_backend_pid() AND application_name LIKE 'citus-ingest load %') AS sessions
                        WHERE ? BETWEEN loads[1]::bigint AND coalesce(loads[2], loads[1])::bigint
                        """)) {
            set(query, load);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    if (row.getLong(2) == load || !isLeased(connection, row.getLong(2))) {
                        pids.add(row.getInt(1));
                    }
                }
            }
        }
        return pids;
    }

    /**
     * Whether its owner is alive. Loads that share a transaction have one owner and one lease; an
     * id between theirs may be that of a load which is not among them.
     */
    private static boolean isLeased(Connection connection, long load) throws SQLException {
        return ask(
                        connection,
                        "SELECT id FROM citus_ingest.load WHERE id = ? AND state = 'loading' AND lease_until > now()",
                        load)
                != null;
    }
}
