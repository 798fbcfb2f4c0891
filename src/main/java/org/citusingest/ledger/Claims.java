package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.array;
import static org.citusingest.ledger.LedgerDatabase.ids;
import static org.citusingest.ledger.LedgerDatabase.instant;
import static org.citusingest.ledger.LedgerDatabase.set;
import static org.citusingest.ledger.LedgerDatabase.update;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which loads there are to be done, and who does them. */
final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);
    private static final String UNIQUE_VIOLATION = "23505";

    private static final String TAKE =
            "UPDATE citus_ingest.load SET state = 'loading', owner = ?, attempts = attempts + 1,"
                    + " generation = generation + 1, started_at = now(), finished_at = NULL, error = NULL,"
                    + " lease_until = now() + ? * interval '1 ms' WHERE id IN (";
    private static final String TAKEN =
            ") RETURNING id, pipeline, account, container, blob, etag,"
                    + " coalesce(size_bytes, -1) AS size_bytes, attempts, generation, event_at, started_at";

    private final LedgerDatabase database;
    private final String owner;
    private final Duration lease;

    Claims(LedgerDatabase database, String owner, Duration lease) {
        this.database = database;
        this.owner = owner;
        this.lease = lease;
    }

    int register(String pipeline, String account, String container, List<FoundBlob> page) {
        return database.call(
                "register the blobs of " + container,
                connection -> {
                    int unknown = register(connection, pipeline, account, container, page, null);
                    if (unknown > 0) {
                        wake(connection, pipeline);
                    }
                    return unknown;
                });
    }

    /** Registers what an event has told of, and that it has. */
    int register(
            String pipeline, String account, String container, FoundBlob blob, Instant eventAt) {
        return database.call(
                "register the blob " + blob.name(),
                connection -> {
                    int unknown =
                            register(
                                    connection,
                                    pipeline,
                                    account,
                                    container,
                                    List.of(blob),
                                    eventAt);
                    update(
                            connection,
                            """
                            UPDATE citus_ingest.load SET event_at = ?
                            WHERE pipeline = ? AND account = ? AND container = ? AND md5(blob) = md5(?)
                              AND blob = ? AND etag = ? AND event_at IS NULL
                            """,
                            Timestamp.from(eventAt),
                            pipeline,
                            account,
                            container,
                            blob.name(),
                            blob.name(),
                            blob.etag());
                    if (unknown > 0) {
                        wake(connection, pipeline);
                    }
                    return unknown;
                });
    }

    /** Whoever is asleep need not find it by listing. */
    private static void wake(Connection connection, String pipeline) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
            statement.setString(1, Ledger.WAITING_CHANNEL);
            statement.setString(2, pipeline);
            statement.execute();
        }
    }

    private static int register(
            Connection connection,
            String pipeline,
            String account,
            String container,
            List<FoundBlob> page,
            Instant eventAt)
            throws SQLException {
        return
        // NOT EXISTS keeps a known blob from using up an id; ON CONFLICT settles
        // races. OFFSET 0 keeps PostgreSQL from making a join of it, which reads
        // all known blobs for every page: it looks each one up in load_version.
        update(
                connection,
                """
                                INSERT INTO citus_ingest.load
                                    (pipeline, account, container, blob, etag, size_bytes, state, finished_at, error, event_at)
                                SELECT ?, ?, ?, found.blob, found.etag, found.size_bytes,
                                       CASE WHEN found.skipped IS NULL THEN 'waiting' ELSE 'skipped' END,
                                       CASE WHEN found.skipped IS NOT NULL THEN now() END, found.skipped, ?
                                FROM unnest(?, ?, ?, ?) AS found (blob, etag, size_bytes, skipped)
                                WHERE NOT EXISTS (
                                    SELECT FROM citus_ingest.load AS known
                                    WHERE known.pipeline = ? AND known.account = ? AND known.container = ?
                                      AND md5(known.blob) = md5(found.blob) AND known.etag = found.etag
                                    OFFSET 0)
                                ON CONFLICT (pipeline, account, container, md5(blob), etag) DO NOTHING
                                """,
                pipeline,
                account,
                container,
                eventAt == null ? null : Timestamp.from(eventAt),
                array(connection, "text", page, FoundBlob::name),
                array(connection, "text", page, FoundBlob::etag),
                array(connection, "bigint", page, FoundBlob::sizeBytes),
                array(connection, "text", page, FoundBlob::skipped),
                pipeline,
                account,
                container);
    }

    /**
     * The oldest loads that wait or whose owner let its lease end, and no other version of whose
     * blob is being loaded; in the order of their ids.
     */
    List<Claim> next(
            String pipeline,
            String account,
            String container,
            int maxAttempts,
            Overwrite overwrite,
            ClaimSize size) {
        String free =
                """
                SELECT id FROM (
                    SELECT id, row_number() OVER by_id AS place,
                           max(attempts) OVER by_id AS attempts,
                           sum(coalesce(size_bytes, ?)) OVER by_id AS bytes,
                           row_number() OVER (PARTITION BY md5(blob) ORDER BY id) AS version
                    FROM (
                        SELECT id, attempts, size_bytes, blob FROM citus_ingest.load AS free
                        WHERE pipeline = ? AND account = ? AND container = ? AND replay_of IS NULL
                          AND (state = 'waiting' AND coalesce(lease_until <= now(), true)
                            OR state = 'loading' AND lease_until < now() AND attempts < ?)
                          AND NOT EXISTS (
                            SELECT FROM citus_ingest.load AS other
                            WHERE other.pipeline = free.pipeline AND other.account = free.account
                              AND other.container = free.container AND md5(other.blob) = md5(free.blob)
                              AND other.state = 'loading' AND other.id <> free.id)
                        ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED) AS oldest
                    WINDOW by_id AS (ORDER BY id)) AS counted
                WHERE place = 1 OR attempts = 0 AND bytes <= ? AND version = 1""";
        return database.call(
                "claim loads of " + pipeline,
                connection ->
                        take(
                                connection,
                                free,
                                overwrite,
                                size.bytes(),
                                pipeline,
                                account,
                                container,
                                maxAttempts,
                                size.loads(),
                                size.bytes()));
    }

    private Optional<Claim> takeOne(
            Connection connection, String which, Overwrite overwrite, Object... parameters)
            throws SQLException {
        return take(connection, which + " FOR UPDATE SKIP LOCKED", overwrite, parameters).stream()
                .findFirst();
    }

    private List<Claim> take(
            Connection connection, String which, Overwrite overwrite, Object... parameters)
            throws SQLException {
        List<Object> all = new ArrayList<>(List.of(owner, lease.toMillis()));
        all.addAll(List.of(parameters));
        while (true) {
            try (PreparedStatement claim = connection.prepareStatement(TAKE + which + TAKEN)) {
                set(claim, all.toArray());
                try (ResultSet row = claim.executeQuery()) {
                    List<Claim> claims = new ArrayList<>();
                    while (row.next()) {
                        claims.add(taken(connection, row, overwrite));
                    }
                    claims.sort(Comparator.comparingLong(Claim::id));
                    return claims;
                }
            } catch (SQLException e) {
                // Another version of the blob was claimed at the same moment: now it can be seen.
                if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                    throw e;
                }
            }
        }
    }

    private Claim taken(Connection connection, ResultSet row, Overwrite overwrite)
            throws SQLException {
        Claim claim =
                new Claim(
                        row.getLong("id"),
                        row.getString("pipeline"),
                        row.getString("account"),
                        row.getString("container"),
                        row.getString("blob"),
                        row.getString("etag"),
                        row.getLong("size_bytes"),
                        owner,
                        row.getInt("attempts"),
                        row.getInt("generation"),
                        overwrite,
                        instant(row, "event_at"),
                        instant(row, "started_at"));
        if (claim.generation() > 1) {
            Backends.end(connection, claim.id());
        }
        return claim;
    }

    /** Claims the load of a key, or says who has it. */
    ClaimOutcome key(String pipeline, String key) {
        return database.call(
                "claim the load " + key,
                connection -> {
                    update(
                            connection,
                            "INSERT INTO citus_ingest.load (pipeline, account, container, blob, etag, state)"
                                    + " VALUES (?, '', '', ?, '', 'waiting')"
                                    + " ON CONFLICT (pipeline, account, container, md5(blob), etag) DO NOTHING",
                            pipeline,
                            key);
                    Optional<ClaimOutcome> outcome = Optional.empty();
                    while (outcome.isEmpty()) {
                        outcome = knownKey(connection, pipeline, key);
                    }
                    return outcome.get();
                });
    }

    /** Empty when whoever held the load gave it up in between: then it can be claimed. */
    private Optional<ClaimOutcome> knownKey(Connection connection, String pipeline, String key)
            throws SQLException {
        String one =
                " WHERE pipeline = ? AND account = '' AND container = '' AND md5(blob) = md5(?)"
                        + " AND etag = ''";
        Optional<Claim> claim =
                takeOne(
                        connection,
                        "SELECT id FROM citus_ingest.load"
                                + one
                                + " AND (state IN ('waiting', 'failed')"
                                + " OR state = 'loading' AND lease_until < now())",
                        Overwrite.append,
                        pipeline,
                        key);
        if (claim.isPresent()) {
            return claim.map(ClaimOutcome.Claimed::new);
        }
        try (PreparedStatement look =
                connection.prepareStatement(
                        "SELECT id, state, owner, lease_until FROM citus_ingest.load" + one)) {
            set(look, pipeline, key);
            try (ResultSet row = look.executeQuery()) {
                row.next();
                return switch (LoadState.parse(row.getString(2))) {
                    case LOADING ->
                            Optional.of(
                                    new ClaimOutcome.Held(
                                            row.getLong(1),
                                            row.getString(3),
                                            instant(row, "lease_until")));
                    case LOADED, SKIPPED ->
                            Optional.of(new ClaimOutcome.AlreadyLoaded(row.getLong(1)));
                    case WAITING, FAILED -> Optional.empty();
                };
            }
        }
    }

    /** Claims a load by its id if it waits or has failed, or its owner has let its lease end. */
    Optional<Claim> one(Connection connection, long id) throws SQLException {
        return takeOne(
                connection,
                "SELECT id FROM citus_ingest.load WHERE id = ? AND (state IN ('waiting', 'failed')"
                        + " OR state = 'loading' AND lease_until < now())",
                Overwrite.append,
                id);
    }

    /**
     * Ends the transactions of owners that have stood still for a whole lease after the end of
     * theirs. One of them may hold the row of its load, at the end of a batch or before its commit;
     * nobody could claim the load as long as it does.
     */
    void endStalled(String pipeline, String account, String container) {
        database.call(
                "end what stands still of " + pipeline,
                connection -> {
                    List<Long> stalled = new ArrayList<>();
                    collect(
                            connection,
                            stalled,
                            "SELECT id FROM citus_ingest.load WHERE pipeline = ? AND account = ? AND container = ?"
                                    + " AND state = 'loading' AND lease_until < now() - ? * interval '1 ms'",
                            pipeline,
                            account,
                            container,
                            lease.toMillis());
                    for (long id : stalled) {
                        Backends.end(connection, id);
                    }
                    return null;
                });
    }

    /**
     * Gives up the loads whose process died too often, and replays whose process died: nobody else
     * goes on with those.
     *
     * @return how many there were
     */
    int giveUpDead(String pipeline, String account, String container, int maxAttempts) {
        return database.call(
                "give up the loads of " + pipeline + " that kill their process",
                connection -> {
                    try (PreparedStatement update =
                            connection.prepareStatement(
                                    """
                                    UPDATE citus_ingest.load
                                    SET state = 'failed', finished_at = statement_timestamp(), lease_until = NULL, owner = ?,
                                        error = CASE WHEN replay_of IS NULL
                                            THEN 'its process died ' || attempts::text || ' times while loading it, last '
                                                || owner || ', so it is given up: look into the log of that, then reload it'
                                            ELSE 'its process died while replaying it: replay it again' END
                                    WHERE id IN (
                                        SELECT id FROM citus_ingest.load
                                        WHERE pipeline = ? AND account = ? AND container = ? AND state = 'loading'
                                          AND lease_until < now() AND (attempts >= ? OR replay_of IS NOT NULL)
                                        FOR UPDATE SKIP LOCKED)
                                    RETURNING id, error
                                    """)) {
                        // From now on it is this process's, which reports it as its own.
                        set(update, owner, pipeline, account, container, maxAttempts);
                        try (ResultSet row = update.executeQuery()) {
                            int count = 0;
                            while (row.next()) {
                                count++;
                                LOG.warn(
                                        "load={} pipeline={} state=failed error: {}",
                                        row.getLong(1),
                                        pipeline,
                                        row.getString(2));
                            }
                            return count;
                        }
                    }
                });
    }

    /**
     * Prolongs the leases of these loads, as far as they are still this process's. One that is
     * locked, by a commit that hangs or that is quick, is not waited for, and nobody can take it.
     */
    Renewal renew(LedgerDatabase leases, Collection<Long> held) {
        return leases.call(
                "renew the leases",
                connection -> {
                    List<Long> renewed = new ArrayList<>();
                    List<Long> mine = new ArrayList<>();
                    collect(
                            connection,
                            renewed,
                            "UPDATE citus_ingest.load SET lease_until = now() + ? * interval '1 ms' WHERE id IN ("
                                    + "SELECT id FROM citus_ingest.load WHERE id = ANY (?) AND owner = ?"
                                    + " AND state = 'loading' FOR UPDATE SKIP LOCKED) RETURNING id",
                            lease.toMillis(),
                            ids(connection, held),
                            owner);
                    if (renewed.size() < held.size()) {
                        collect(
                                connection,
                                mine,
                                "SELECT id FROM citus_ingest.load WHERE id = ANY (?) AND owner = ? AND state = 'loading'",
                                ids(connection, held),
                                owner);
                        mine.removeAll(renewed);
                    }
                    return new Renewal(renewed, mine);
                });
    }

    /** Which loads have a new lease, and which are this process's but locked. */
    record Renewal(List<Long> renewed, List<Long> locked) {}

    private static void collect(
            Connection connection, List<Long> ids, String query, Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            set(statement, parameters);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    ids.add(row.getLong(1));
                }
            }
        }
    }

    /** Gives back what this process is loading; one that is being committed is not waited for. */
    int releaseAll() {
        return database.call(
                "release the loads of this process",
                connection ->
                        update(
                                connection,
                                "UPDATE citus_ingest.load SET state = 'waiting', attempts = attempts - 1,"
                                        + " lease_until = NULL, error = 'released: its process stopped' WHERE id IN ("
                                        + "SELECT id FROM citus_ingest.load WHERE owner = ? AND state = 'loading'"
                                        + " FOR UPDATE SKIP LOCKED)",
                                owner));
    }

    int reopenFailed(String pipeline, String container) {
        return database.call(
                "reopen the failed loads of " + pipeline,
                connection ->
                        update(
                                connection,
                                "UPDATE citus_ingest.load SET state = 'waiting', attempts = 0, lease_until = NULL"
                                        + " WHERE pipeline = ? AND container = ? AND state = 'failed' AND container <> ''"
                                        + " AND replay_of IS NULL",
                                pipeline,
                                container));
    }
}
