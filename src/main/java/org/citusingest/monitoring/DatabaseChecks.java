package org.citusingest.monitoring;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import javax.sql.DataSource;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LedgerException;
import org.citusingest.ledger.StuckLoads;

/** The checks of the database, by connections that do not wait for those that copy. */
final class DatabaseChecks {
    private static final Duration KEEP = Duration.ofSeconds(5);
    private static final Duration KEEP_STUCK = Duration.ofSeconds(30);

    /** Longer than anything that mends itself: leases, the recovery of Citus. */
    private static final Duration STUCK = Duration.ofMinutes(10);

    private final DataSource leases;
    private final Ledger ledger;

    DatabaseChecks(DataSource leases, Ledger ledger) {
        this.leases = leases;
        this.ledger = ledger;
    }

    List<CachedCheck> checks(Executor executor) {
        return List.of(
                new CachedCheck("database", true, this::database, KEEP, executor),
                new CachedCheck("ledger", true, this::ledger, KEEP, executor),
                new CachedCheck("stuck-loads", false, this::stuck, KEEP_STUCK, executor));
    }

    private Verdict database() {
        try (Connection connection = leases.getConnection()) {
            return connection.isValid(2)
                    ? Verdict.up("it answers")
                    : Verdict.down("no-answer", "the connection is broken");
        } catch (SQLException e) {
            return Verdict.down(Failure.isFull(e) ? "full" : "unreachable", Failure.oneLine(e));
        }
    }

    private Verdict ledger() {
        try {
            int version = ledger.versionAside();
            if (version == ledger.knownVersion()) {
                return Verdict.up("version " + version);
            }
            return version == 0
                    ? Verdict.up("none yet, the first load creates it")
                    : Verdict.down(
                            "other-version",
                            "it has version %d, this citus-ingest works with %d"
                                    .formatted(version, ledger.knownVersion()));
        } catch (LedgerException e) {
            return unknown(e);
        }
    }

    private Verdict stuck() {
        try {
            if (ledger.versionAside() != ledger.knownVersion()) {
                return Verdict.up("there is no ledger to look into");
            }
            StuckLoads stuck = ledger.stuck(STUCK);
            if (stuck.abandoned() + stuck.inDoubt() == 0) {
                return Verdict.up("none");
            }
            return Verdict.down(
                    stuck.abandoned() > 0 ? "abandoned" : "commit-in-doubt",
                    "for more than %d minutes %d loads have been left by their process and taken over by none, and %d were committed but are not on all nodes"
                            .formatted(STUCK.toMinutes(), stuck.abandoned(), stuck.inDoubt()));
        } catch (LedgerException e) {
            return unknown(e);
        }
    }

    private static Verdict unknown(LedgerException e) {
        return Verdict.down("unreadable", Failure.oneLine(e));
    }
}
