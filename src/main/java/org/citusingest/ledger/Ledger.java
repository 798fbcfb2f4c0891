package org.citusingest.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * What is known about every load: the tables of the schema {@code citus_ingest} in the target
 * database, and every statement on them. All times are the database's. Whatever cannot be read or
 * written stops the load that asked.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Ledger implements AutoCloseable {
    /** How long a process owns a load without a sign of life. */
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(60);

    private static final String COLUMNS =
            "id, pipeline, account, container, blob, etag, coalesce(size_bytes, -1) AS size_bytes, attempts";

    private final DataSource dataSource;
    private final String owner;
    private final Duration lease;
    private final Heartbeat heartbeat;
    private volatile boolean installed;

    /** A ledger in this database, for a process that calls itself by a name of its own making. */
    public Ledger(DataSource dataSource) {
        this(dataSource, DEFAULT_LEASE);
    }

    /** As {@link #Ledger(DataSource)}, with another lease. */
    public Ledger(DataSource dataSource, Duration lease) {
        this(dataSource, ProcessHandle.current().pid() + "-" + UUID.randomUUID(), lease);
    }

    public Ledger(DataSource dataSource, String owner, Duration lease) {
        this.dataSource = dataSource;
        this.owner = owner;
        this.lease = lease;
        this.heartbeat = new Heartbeat(this, lease);
    }

    /** The name of this process in the ledger. */
    public String owner() {
        return owner;
    }

    /** The version of the ledger in the database; 0 where there is none. Writes nothing. */
    public int version() {
        return call("read the ledger's version", LedgerSchema::version);
    }

    /** The version that this program reads and writes. */
    public int knownVersion() {
        return LedgerSchema.VERSION;
    }

    /**
     * Creates the tables, or brings them to this program's version; cheap when that has been done.
     */
    public void install() {
        if (!installed) {
            call(
                    "create the ledger",
                    connection -> {
                        LedgerSchema.install(connection);
                        return null;
                    });
            installed = true;
        }
    }

    /**
     * Registers a page of a listing: one statement, whatever the size of the page.
     *
     * @return how many of the blob versions were not known before
     */
    public int register(String pipeline, String account, String container, List<FoundBlob> page) {
        if (page.isEmpty()) {
            return 0;
        }
        install();
        return call(
                "register the blobs of " + container,
                connection -> {
                    // NOT EXISTS keeps a known blob from using up an id; ON CONFLICT settles races.
                    try (PreparedStatement insert =
                            connection.prepareStatement(
                                    """
                                    INSERT INTO citus_ingest.load
                                        (pipeline, account, container, blob, etag, size_bytes, state, finished_at, error)
                                    SELECT ?, ?, ?, found.blob, found.etag, found.size_bytes,
                                           CASE WHEN found.skipped IS NULL THEN 'waiting' ELSE 'skipped' END,
                                           CASE WHEN found.skipped IS NOT NULL THEN now() END, found.skipped
                                    FROM unnest(?, ?, ?, ?) AS found (blob, etag, size_bytes, skipped)
                                    WHERE NOT EXISTS (
                                        SELECT FROM citus_ingest.load AS known
                                        WHERE known.pipeline = ? AND known.account = ? AND known.container = ?
                                          AND md5(known.blob) = md5(found.blob) AND known.etag = found.etag)
                                    ON CONFLICT (pipeline, account, container, md5(blob), etag) DO NOTHING
                                    """)) {
                        insert.setString(1, pipeline);
                        insert.setString(2, account);
                        insert.setString(3, container);
                        insert.setArray(
                                4, array(connection, "text", page.stream().map(FoundBlob::name)));
                        insert.setArray(
                                5, array(connection, "text", page.stream().map(FoundBlob::etag)));
                        insert.setArray(
                                6,
                                array(
                                        connection,
                                        "bigint",
                                        page.stream().map(FoundBlob::sizeBytes)));
                        insert.setArray(
                                7,
                                array(connection, "text", page.stream().map(FoundBlob::skipped)));
                        insert.setString(8, pipeline);
                        insert.setString(9, account);
                        insert.setString(10, container);
                        return insert.executeUpdate();
                    }
                });
    }

    /**
     * Claims the oldest load of this pipeline and container that waits, or whose owner has let its
     * lease end.
     */
    public Optional<Claim> claim(String pipeline, String account, String container) {
        install();
        return call(
                "claim a load of " + pipeline,
                connection -> {
                    try (PreparedStatement claim =
                            connection.prepareStatement(
                                    """
                                    UPDATE citus_ingest.load
                                    SET state = 'loading', owner = ?, attempts = attempts + 1, started_at = now(),
                                        finished_at = NULL, error = NULL, lease_until = now() + ? * interval '1 ms'
                                    WHERE id = (
                                        SELECT id FROM citus_ingest.load
                                        WHERE pipeline = ? AND account = ? AND container = ?
                                          AND (state = 'waiting' AND coalesce(lease_until <= now(), true)
                                            OR state = 'loading' AND lease_until < now())
                                        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
                                    RETURNING
                                    """
                                            + COLUMNS)) {
                        claim.setString(1, owner);
                        claim.setLong(2, lease.toMillis());
                        claim.setString(3, pipeline);
                        claim.setString(4, account);
                        claim.setString(5, container);
                        try (ResultSet row = claim.executeQuery()) {
                            return row.next() ? Optional.of(held(row)) : Optional.empty();
                        }
                    }
                });
    }

    /**
     * Claims the load of a source that is not a blob, by the key that identifies it. A load that
     * failed is tried again: whoever sends the key once more asks for that.
     */
    public ClaimOutcome claimKey(String pipeline, String key) {
        install();
        return call(
                "claim the load " + key,
                connection -> {
                    try (PreparedStatement insert =
                            connection.prepareStatement(
                                    "INSERT INTO citus_ingest.load (pipeline, account, container, blob, etag, state)"
                                            + " VALUES (?, '', '', ?, '', 'waiting')"
                                            + " ON CONFLICT (pipeline, account, container, md5(blob), etag) DO NOTHING")) {
                        insert.setString(1, pipeline);
                        insert.setString(2, key);
                        insert.executeUpdate();
                    }
                    Optional<ClaimOutcome> outcome = Optional.empty();
                    while (outcome.isEmpty()) {
                        outcome = claimKnownKey(connection, pipeline, key);
                    }
                    return outcome.get();
                });
    }

    /** Empty when whoever held the load gave it up in between: then it can be claimed. */
    private Optional<ClaimOutcome> claimKnownKey(Connection connection, String pipeline, String key)
            throws SQLException {
        String one =
                " WHERE pipeline = ? AND account = '' AND container = '' AND md5(blob) = md5(?)"
                        + " AND etag = ''";
        try (PreparedStatement claim =
                connection.prepareStatement(
                        "UPDATE citus_ingest.load SET state = 'loading', owner = ?,"
                                + " attempts = attempts + 1, started_at = now(), finished_at = NULL,"
                                + " error = NULL, lease_until = now() + ? * interval '1 ms'"
                                + one
                                + " AND (state IN ('waiting', 'failed')"
                                + " OR state = 'loading' AND lease_until < now()) RETURNING "
                                + COLUMNS)) {
            claim.setString(1, owner);
            claim.setLong(2, lease.toMillis());
            claim.setString(3, pipeline);
            claim.setString(4, key);
            try (ResultSet row = claim.executeQuery()) {
                if (row.next()) {
                    return Optional.of(new ClaimOutcome.Claimed(held(row)));
                }
            }
        }
        try (PreparedStatement look =
                connection.prepareStatement(
                        "SELECT id, state, owner, lease_until FROM citus_ingest.load" + one)) {
            look.setString(1, pipeline);
            look.setString(2, key);
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

    /**
     * Says, in the transaction that copied the rows, that they are in: the committed ranges and the
     * state. The caller commits.
     *
     * @throws LedgerException when the load is no longer this process's; the transaction is then to
     *     be rolled back
     */
    public void publish(Connection connection, Claim claim, Publication publication)
            throws SQLException {
        long rowsCopied = publication.rowsCopied();
        Collection<CommittedRange> ranges = publication.ranges();
        // Not clock_timestamp(): Citus takes no volatile function in an UPDATE of a table it knows.
        // First the load: whoever has taken it over holds its row, and this process must not get
        // past that.
        try (PreparedStatement update =
                connection.prepareStatement(
                        "UPDATE citus_ingest.load SET state = 'loaded', rows_copied = ?, finished_at ="
                                + " statement_timestamp(), lease_until = NULL, error = NULL WHERE id = ? AND owner = ?"
                                + " AND attempts = ? AND state = 'loading'")) {
            update.setLong(1, rowsCopied);
            fence(update, 2, claim);
            if (update.executeUpdate() != 1) {
                throw lost(claim);
            }
        }
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "INSERT INTO citus_ingest.batch (load_id, table_name, range_from, range_to, rows_copied)"
                                + " VALUES (?, ?, ?, ?, ?)")) {
            for (CommittedRange range : ranges) {
                insert.setLong(1, claim.id());
                insert.setString(2, range.table());
                insert.setLong(3, range.from());
                insert.setLong(4, range.to());
                insert.setLong(5, range.rowsCopied());
                insert.addBatch();
            }
            insert.executeBatch();
        }
        notifyFinished(connection, claim, LoadState.LOADED, rowsCopied);
    }

    /**
     * Commits one range of a load by itself ({@code publish=batch}): writes its ledger row and its
     * rejected rows in the transaction that copied its rows. The caller commits.
     *
     * @throws LedgerException when the load is no longer this process's; the transaction is then to
     *     be rolled back
     */
    public void commitRange(
            Connection connection,
            Claim claim,
            CommittedRange range,
            byte[] header,
            List<RejectedRow> rejected)
            throws SQLException {
        throw new UnsupportedOperationException("commitRange");
    }

    /** The ranges of the load that earlier attempts have committed, in the order of the source. */
    public List<CommittedRange> committed(Claim claim) {
        throw new UnsupportedOperationException("committed");
    }

    /**
     * Publishes a load whose ranges were committed one by one, in a transaction of its own.
     *
     * @return how many rows its ranges have, copied and rejected
     * @throws OverwriteException see {@link Overwrite}
     */
    public Publication publishRanges(Claim claim, Optional<String> onRemove) {
        throw new UnsupportedOperationException("publishRanges");
    }

    /**
     * Writes rejected rows in the transaction that copies the good ones.
     *
     * @param header the line before the first row of the source, for a replay; may be empty
     */
    public void reject(
            Connection connection, Claim claim, byte[] header, List<RejectedRow> rejected)
            throws SQLException {
        throw new UnsupportedOperationException("reject");
    }

    /** Keeps the rejected rows of a load that failed, in a transaction of its own. */
    public void keepRejects(Claim claim, byte[] header, List<RejectedRow> rejected) {
        throw new UnsupportedOperationException("keepRejects");
    }

    /** Says what to do when the lease of this load is lost, such as to close its connections. */
    public void onLost(Claim claim, Runnable action) {
        throw new UnsupportedOperationException("onLost");
    }

    /**
     * Waits until the rows of a published load are visible on all nodes of Citus; returns at once
     * on PostgreSQL.
     *
     * @return false when they were not within that time; the summary then waits for them
     */
    public boolean awaitVisible(Claim claim, Duration atMost) {
        throw new UnsupportedOperationException("awaitVisible");
    }

    /**
     * Whether the load has been published by this very claim. Waits for a publishing transaction
     * that is still on its way, so the answer holds even after a commit whose outcome was lost.
     */
    public boolean published(Claim claim) {
        return call(
                "read the outcome of load " + claim.id(),
                connection -> {
                    try (PreparedStatement look =
                            connection.prepareStatement(
                                    "SELECT state = 'loaded' FROM citus_ingest.load WHERE id = ? AND owner = ?"
                                            + " AND attempts = ? FOR UPDATE")) {
                        fence(look, 1, claim);
                        try (ResultSet row = look.executeQuery()) {
                            return row.next() && row.getBoolean(1);
                        }
                    }
                });
    }

    /**
     * Gives the load up: none of its rows are in the table. Does nothing when it is no longer being
     * loaded.
     */
    public boolean fail(Claim claim, String error) {
        return finish(claim, LoadState.FAILED, null, error);
    }

    /**
     * Lets the load be tried again after a while. Does nothing when it is no longer being loaded.
     */
    public boolean retry(Claim claim, Duration after, String error) {
        return finish(claim, LoadState.WAITING, after, error);
    }

    /** Says why the load is not to be loaded. Does nothing when it is no longer being loaded. */
    public boolean skip(Claim claim, String reason) {
        return finish(claim, LoadState.SKIPPED, null, reason);
    }

    /** Marks a load that had no rows. Does nothing when it is no longer being loaded. */
    public boolean finishEmpty(Claim claim) {
        return finish(claim, LoadState.LOADED, null, null);
    }

    private boolean finish(Claim claim, LoadState state, Duration after, String error) {
        heartbeat.drop(claim.id());
        return call(
                "write the outcome of load " + claim.id(),
                connection -> {
                    try (PreparedStatement update =
                            connection.prepareStatement(
                                    "WITH finished AS (UPDATE citus_ingest.load SET state = ?, finished_at ="
                                            + " statement_timestamp(), lease_until = now() + ? * interval '1 ms', error = ?"
                                            + " WHERE id = ? AND owner = ? AND attempts = ? AND state = 'loading'"
                                            + " RETURNING id) SELECT count(*), count(pg_notify('citus_ingest', ?))"
                                            + " FROM finished")) {
                        update.setString(1, state.toString());
                        update.setObject(
                                2, after == null ? null : after.toMillis(), java.sql.Types.BIGINT);
                        update.setString(3, error == null ? null : error.replace('\0', ' '));
                        fence(update, 4, claim);
                        update.setString(7, notice(claim, state, 0));
                        try (ResultSet row = update.executeQuery()) {
                            row.next();
                            return row.getLong(1) == 1;
                        }
                    }
                });
    }

    /**
     * Notes what went wrong after a load was published, such as its summary.
     *
     * @return whether this claim published it
     */
    public boolean noteAfterLoad(Claim claim, String error) {
        return call(
                "note what followed load " + claim.id(),
                connection -> {
                    try (PreparedStatement update =
                            connection.prepareStatement(
                                    "UPDATE citus_ingest.load SET error = ? WHERE id = ? AND owner = ?"
                                            + " AND attempts = ? AND state = 'loaded'")) {
                        update.setString(1, error.replace('\0', ' '));
                        fence(update, 2, claim);
                        return update.executeUpdate() == 1;
                    }
                });
    }

    /** Stops the sign of life for a load that has been published. */
    public void release(Claim claim) {
        heartbeat.drop(claim.id());
    }

    /** Lets the failed loads of a pipeline be tried again, and says how many there were. */
    public int reopenFailed(String pipeline) {
        install();
        return call(
                "reopen the failed loads of " + pipeline,
                connection -> {
                    try (PreparedStatement update =
                            connection.prepareStatement(
                                    "UPDATE citus_ingest.load SET state = 'waiting', attempts = 0, lease_until = NULL"
                                            + " WHERE pipeline = ? AND state = 'failed' AND container <> ''")) {
                        update.setString(1, pipeline);
                        return update.executeUpdate();
                    }
                });
    }

    /** What these pipelines have still to load. */
    public Backlog backlog(Collection<String> pipelines) {
        return call(
                "read the backlog",
                connection -> {
                    try (PreparedStatement query =
                            connection.prepareStatement(
                                    "SELECT count(*), coalesce(sum(size_bytes) FILTER (WHERE state ="
                                            + " 'waiting'), 0) FROM citus_ingest.load"
                                            + " WHERE pipeline = ANY (?) AND state IN ('waiting', 'loading')")) {
                        query.setArray(1, array(connection, "text", pipelines.stream()));
                        try (ResultSet row = query.executeQuery()) {
                            row.next();
                            return new Backlog(row.getLong(1), row.getLong(2));
                        }
                    }
                });
    }

    /**
     * What is still to be loaded: loads waiting or being loaded, and the bytes of those that wait.
     */
    public record Backlog(long loads, long waitingBytes) {}

    /**
     * The newest loads first, of one pipeline or of all; nothing where there is no ledger. Writes
     * nothing.
     */
    public List<LoadRecord> newest(Optional<String> pipeline, int limit) {
        return version() == 0
                ? List.of()
                : select(
                        "WHERE (?::text IS NULL OR pipeline = ?) ORDER BY coalesce(finished_at, started_at, found_at)"
                                + " DESC, id DESC LIMIT ?",
                        pipeline.orElse(null),
                        pipeline.orElse(null),
                        limit);
    }

    /** The loads that this process has finished since the one given, in the order of their ends. */
    public List<LoadRecord> finishedAfter(Instant time, long id) {
        return select(
                "WHERE owner = ? AND state IN ('loaded', 'failed', 'skipped') AND (finished_at, id) > (?, ?)"
                        + " ORDER BY finished_at, id",
                owner,
                Timestamp.from(time),
                id);
    }

    private List<LoadRecord> select(String condition, Object... parameters) {
        return call(
                "read the loads",
                connection -> {
                    try (PreparedStatement query =
                            connection.prepareStatement(
                                    "SELECT *, coalesce(size_bytes, -1) AS bytes, extract(epoch FROM"
                                            + " coalesce(finished_at, now()) - started_at) * 1000 AS milliseconds"
                                            + " FROM citus_ingest.load "
                                            + condition)) {
                        for (int i = 0; i < parameters.length; i++) {
                            query.setObject(i + 1, parameters[i]);
                        }
                        try (ResultSet row = query.executeQuery()) {
                            List<LoadRecord> loads = new ArrayList<>();
                            while (row.next()) {
                                loads.add(loadRecord(row));
                            }
                            return loads;
                        }
                    }
                });
    }

    private static LoadRecord loadRecord(ResultSet row) throws SQLException {
        String container = row.getString("container");
        double milliseconds = row.getDouble("milliseconds");
        return new LoadRecord(
                row.getLong("id"),
                row.getString("pipeline"),
                container.isEmpty()
                        ? row.getString("blob")
                        : container + "/" + row.getString("blob"),
                row.getString("etag"),
                LoadState.parse(row.getString("state")),
                row.getInt("attempts"),
                row.getLong("rows_copied"),
                row.getLong("rows_rejected"),
                row.getLong("bytes"),
                instant(row, "found_at"),
                instant(row, "started_at"),
                instant(row, "finished_at"),
                instant(row, "summarized_at"),
                row.getTimestamp("started_at") == null
                        ? null
                        : Duration.ofMillis((long) milliseconds),
                row.getString("error"));
    }

    /**
     * Prolongs the leases of these loads, as far as they are still this process's; says which those
     * are.
     */
    List<Long> renew(Collection<Long> ids) {
        return call(
                "renew the leases",
                connection -> {
                    try (PreparedStatement update =
                            connection.prepareStatement(
                                    "UPDATE citus_ingest.load SET lease_until = now() + ? * interval '1 ms'"
                                            + " WHERE id = ANY (?) AND owner = ? AND state = 'loading' RETURNING id")) {
                        update.setLong(1, lease.toMillis());
                        update.setArray(2, array(connection, "bigint", ids.stream()));
                        update.setString(3, owner);
                        try (ResultSet row = update.executeQuery()) {
                            List<Long> renewed = new ArrayList<>();
                            while (row.next()) {
                                renewed.add(row.getLong(1));
                            }
                            return renewed;
                        }
                    }
                });
    }

    private Claim held(ResultSet row) throws SQLException {
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
                        Overwrite.append);
        heartbeat.hold(claim.id());
        return claim;
    }

    private static void notifyFinished(
            Connection connection, Claim claim, LoadState state, long rowsCopied)
            throws SQLException {
        try (PreparedStatement notify =
                connection.prepareStatement("SELECT pg_notify('citus_ingest', ?)")) {
            notify.setString(1, notice(claim, state, rowsCopied));
            notify.execute();
        }
    }

    // A hint that wakes listeners; they read the ledger. Route ids hold no quotes worth escaping
    // further.
    private static String notice(Claim claim, LoadState state, long rowsCopied) {
        return "{\"load\":%d,\"pipeline\":\"%s\",\"state\":\"%s\",\"rows\":%d}"
                .formatted(
                        claim.id(),
                        claim.pipeline().replace("\\", "\\\\").replace("\"", "\\\""),
                        state,
                        rowsCopied);
    }

    private static void fence(PreparedStatement statement, int from, Claim claim)
            throws SQLException {
        statement.setLong(from, claim.id());
        statement.setString(from + 1, claim.owner());
        statement.setInt(from + 2, claim.attempt());
    }

    private static LedgerException lost(Claim claim) {
        return new LedgerException(
                "Load "
                        + claim.id()
                        + " of "
                        + claim.source()
                        + " is no longer this process's: its lease ended and another one took it over, which loads it;"
                        + " nothing of this attempt is kept");
    }

    private static java.sql.Array array(
            Connection connection, String type, java.util.stream.Stream<?> elements)
            throws SQLException {
        return connection.createArrayOf(type, elements.toArray());
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }

    private <T> T call(String purpose, Query<T> query) {
        try (Connection connection = dataSource.getConnection()) {
            return query.run(connection);
        } catch (SQLException e) {
            throw new LedgerException("Could not " + purpose + ": " + e.getMessage(), e);
        }
    }

    private interface Query<T> {
        T run(Connection connection) throws SQLException;
    }

    @Override
    public void close() {
        heartbeat.close();
    }
}
