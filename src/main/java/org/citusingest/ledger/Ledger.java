package org.citusingest.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * What is known about every load: the tables of the schema {@code citus_ingest} in the target
 * database, and every statement on them. All times are the database's. Whatever cannot be read or
 * written stops the load that asked.
 */
public final class Ledger implements AutoCloseable {
    /**
     * The channel on which the pipeline of a load is told that begins to wait. A notification only
     * wakes: what waits is read from the tables.
     */
    public static final String WAITING_CHANNEL = "citus_ingest_waiting";

    /** How long a process owns a load without a sign of life. */
    public static final Duration DEFAULT_LEASE = Duration.ofSeconds(60);

    private final LedgerDatabase database;
    private final String owner;
    private final Heartbeat heartbeat;
    private final Claims claims;
    private final Outcomes outcomes;
    private final Rejects rejects;
    private final LedgerDatabase shortStatements;
    private final Visibility visibility;
    private final Versions versions;
    private final Publishing publishing;
    private final LoadHistory history;
    private final Requests requests;
    private final Upkeep upkeep;
    private final LoadObservers observers = new LoadObservers(new LoadLog());
    private final Pipelines pipelines;
    private volatile boolean installed;

    /** A ledger in this database, for a process that calls itself by a name of its own making. */
    public Ledger(DataSource dataSource) {
        this(dataSource, DEFAULT_LEASE);
    }

    /** As {@link #Ledger(DataSource)}, with another lease. */
    public Ledger(DataSource dataSource, Duration lease) {
        this(dataSource, dataSource, lease);
    }

    /**
     * A ledger whose leases are renewed through connections of their own, so that they do not wait
     * for those that copy.
     */
    public Ledger(DataSource dataSource, DataSource leases, Duration lease) {
        this(dataSource, leases, ProcessHandle.current().pid() + "-" + UUID.randomUUID(), lease);
    }

    public Ledger(DataSource dataSource, String owner, Duration lease) {
        this(dataSource, dataSource, owner, lease);
    }

    private Ledger(DataSource dataSource, DataSource leases, String owner, Duration lease) {
        this.owner = owner;
        database = new LedgerDatabase(dataSource);
        LedgerDatabase leaseDatabase = new LedgerDatabase(leases);
        claims = new Claims(database, owner, lease);
        heartbeat = new Heartbeat(ids -> claims.renew(leaseDatabase, ids), lease);
        outcomes = new Outcomes(database);
        rejects = new Rejects(database);
        shortStatements = leaseDatabase;
        pipelines = new Pipelines(leaseDatabase);
        visibility = new Visibility(database);
        RowRemoval removal = new RowRemoval(visibility);
        versions = new Versions(database, removal);
        publishing = new Publishing(database, versions, lease);
        history = new LoadHistory(database);
        requests = new Requests(database, history, removal, claims);
        upkeep = new Upkeep(this, visibility, new Summaries(database));
    }

    /** The name of this process in the ledger. */
    public String owner() {
        return owner;
    }

    /** The version of the ledger in the database; 0 where there is none. Writes nothing. */
    public int version() {
        return database.call("read the ledger's version", LedgerSchema::version);
    }

    /**
     * As {@link #version()}, by the connections of the leases: it does not wait for those that
     * copy.
     */
    public int versionAside() {
        return shortStatements.call("read the ledger's version", LedgerSchema::version);
    }

    /** The version that this program reads and writes. */
    public int knownVersion() {
        return LedgerSchema.VERSION;
    }

    /**
     * Why the role of this process can neither use the ledger nor make it, and what to do; empty
     * where it can. Writes nothing.
     */
    public Optional<String> refusal() {
        return database.call("read the rights on the ledger", LedgerRights::refusal);
    }

    /**
     * Creates the tables, or brings them to this program's version; cheap when that has been done.
     */
    public void install() {
        if (!installed) {
            database.call(
                    "create the ledger",
                    connection -> {
                        LedgerRights.refusal(connection)
                                .ifPresent(
                                        refusal -> {
                                            throw new LedgerException(refusal);
                                        });
                        LedgerSchema.install(connection);
                        return null;
                    });
            installed = true;
        }
    }

    /**
     * Whether the database has the version that this program knows. Once it has a newer one,
     * whatever asks for the ledger is refused, as at a start.
     */
    boolean isCurrent() {
        int version = version();
        if (version > knownVersion()) {
            installed = false;
        }
        return version == knownVersion();
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
        return claims.register(pipeline, account, container, page);
    }

    /**
     * Registers the blob version that an event has told of.
     *
     * @param eventAt when it came to be, as the event says
     * @return whether it was not known before
     */
    public boolean register(
            String pipeline, String account, String container, FoundBlob blob, Instant eventAt) {
        install();
        return claims.register(pipeline, account, container, blob, eventAt) > 0;
    }

    /**
     * Claims the oldest load of this pipeline and container that waits, or whose owner has let its
     * lease end, while no other version of its blob is being loaded. A version that is not to be
     * loaded beside another is skipped or failed on the way, and a load whose process has died at
     * every attempt is failed.
     *
     * @param maxAttempts how often a load is tried
     * @param overwrite what becomes of it when another version of its blob is loaded
     */
    public Optional<Claim> claim(
            String pipeline,
            String account,
            String container,
            int maxAttempts,
            Overwrite overwrite) {
        return claim(pipeline, account, container, maxAttempts, overwrite, ClaimSize.ONE).stream()
                .findFirst();
    }

    /**
     * As {@link #claim(String, String, String, int, Overwrite)}, of several loads at once.
     *
     * @return in the order of their ids; none where nothing is to be loaded now
     */
    public List<Claim> claim(
            String pipeline,
            String account,
            String container,
            int maxAttempts,
            Overwrite overwrite,
            ClaimSize size) {
        install();
        while (true) {
            List<Claim> next =
                    claims.next(pipeline, account, container, maxAttempts, overwrite, size);
            if (next.isEmpty()) {
                claims.endStalled(pipeline, account, container);
                if (claims.giveUpDead(pipeline, account, container, maxAttempts) == 0) {
                    return next;
                }
            }
            List<Claim> held = next.stream().filter(this::isWanted).toList();
            if (!held.isEmpty()) {
                held.forEach(this::hold);
                return held;
            }
        }
    }

    private void hold(Claim claim) {
        heartbeat.hold(claim);
        observers.claimed(claim);
    }

    /** One that is not, is skipped or failed. */
    private boolean isWanted(Claim claim) {
        Optional<OverwriteException> refusal = versions.refusal(claim);
        refusal.ifPresent(reason -> refuse(claim, reason));
        return refusal.isEmpty();
    }

    /**
     * Whether the load is still this process's to be loaded: neither published nor finished in
     * another way by it, nor lost, as far as it knows.
     */
    public boolean holds(Claim claim) {
        return heartbeat.holds(claim);
    }

    private void refuse(Claim claim, OverwriteException refusal) {
        if (refusal.skipped()) {
            skip(claim, refusal.getMessage());
            observers.skipped(claim, refusal.getMessage());
        } else {
            fail(claim, refusal.getMessage());
            observers.failed(claim, refusal.getMessage());
        }
    }

    /**
     * Claims the load of a source that is not a blob, by the key that identifies it. A load that
     * failed is tried again: whoever sends the key once more asks for that.
     */
    public ClaimOutcome claimKey(String pipeline, String key) {
        install();
        ClaimOutcome outcome = claims.key(pipeline, key);
        if (outcome instanceof ClaimOutcome.Claimed mine) {
            hold(mine.claim());
        }
        return outcome;
    }

    /**
     * Says, in the transaction that copied the rows, that they are in: the committed ranges and the
     * state; and does what the claim's {@link Overwrite} says about other versions. The caller
     * commits.
     *
     * @throws LedgerException when the load is no longer this process's; the transaction is then to
     *     be rolled back
     * @throws OverwriteException when another version stands against it; likewise
     */
    public void publish(Connection connection, Claim claim, Publication publication)
            throws SQLException {
        publish(connection, Map.of(claim, publication));
    }

    /** As {@link #publish(Connection, Claim, Publication)}, for loads that share a transaction. */
    public void publish(Connection connection, Map<Claim, Publication> publications)
            throws SQLException {
        publishing.publish(connection, publications);
    }

    /**
     * Commits ranges of a load before it is published: writes their ledger rows and their rejected
     * rows in the transaction that copied their rows. The caller commits.
     *
     * @throws LedgerException when the load is no longer this process's; the transaction is then to
     *     be rolled back
     */
    public void commitRanges(
            Connection connection,
            Claim claim,
            List<CommittedRange> ranges,
            byte[] header,
            List<RejectedRow> rejected)
            throws SQLException {
        commitRanges(connection, Map.of(claim, ranges));
        reject(connection, claim, header, rejected);
    }

    /** As before, for loads that share a transaction, and without rejected rows. */
    public void commitRanges(Connection connection, Map<Claim, List<CommittedRange>> ranges)
            throws SQLException {
        publishing.commitRanges(connection, ranges);
    }

    /** The ranges of the load that earlier attempts have committed, in the order of the source. */
    public List<CommittedRange> committed(Claim claim) {
        return committed(List.of(claim)).get(claim);
    }

    /** As {@link #committed(Claim)}, for each of these loads. */
    public Map<Claim, List<CommittedRange>> committed(Collection<Claim> claims) {
        return publishing.committed(claims);
    }

    /**
     * Publishes a load whose ranges were committed one by one, or which has none, in a transaction
     * of its own.
     *
     * @return how many rows its ranges have, copied and rejected
     * @throws OverwriteException see {@link Overwrite}
     */
    public Publication publishRanges(Claim claim, Optional<String> onRemove) {
        Publication publication = publishing.publishRanges(claim, onRemove);
        release(claim);
        return publication;
    }

    /**
     * Writes rejected rows in the transaction that copies the good ones.
     *
     * @param header the line before the first row of the source, for a replay; may be empty
     */
    public void reject(
            Connection connection, Claim claim, byte[] header, List<RejectedRow> rejected)
            throws SQLException {
        rejects.publish(connection, claim, header, rejected);
    }

    /**
     * Asks the input function of a type about texts, as COPY calls it. Not in the transaction of a
     * COPY: there Citus would set a savepoint on every worker for each text.
     *
     * @param function its name, as it is written in SQL
     * @param ioParameter its second argument
     * @param modifier the modifier of the column's type; -1 for none
     */
    public List<InputRefusal> refusals(
            String function, long ioParameter, int modifier, List<String> texts) {
        return shortStatements.call(
                "ask the type's input function " + function,
                connection -> Rejects.refusals(connection, function, ioParameter, modifier, texts));
    }

    /**
     * Keeps the rejected rows of a load that is about to fail, in a transaction of its own. Does
     * nothing when it is no longer being loaded.
     */
    public void keepRejects(Claim claim, byte[] header, List<RejectedRow> rejected) {
        rejects.keep(claim, header, rejected);
    }

    /**
     * Says what to do when the lease of this load is lost, such as to close its connections. Runs
     * on another thread, and at once if the claim is not held any more.
     */
    public void onLost(Claim claim, Runnable action) {
        heartbeat.onLost(claim, action);
    }

    /**
     * Waits until the rows of a published load are visible on all nodes of Citus; returns at once
     * on PostgreSQL.
     *
     * @return false when they were not within that time; the summary then waits for them
     */
    public boolean awaitVisible(Claim claim, Duration atMost) {
        return awaitVisible(List.of(claim), atMost);
    }

    /** As {@link #awaitVisible(Claim, Duration)}, for loads that were published together. */
    public boolean awaitVisible(List<Claim> claims, Duration atMost) {
        return visibility.await(claims, atMost);
    }

    /**
     * Whether the load has been published by this very claim. Waits for a publishing transaction
     * that is still on its way, so the answer holds even after a commit whose outcome was lost.
     *
     * @throws LedgerException when that transaction is still there after a whole lease
     */
    public boolean published(Claim claim) {
        return publishing.published(claim);
    }

    /**
     * Gives the load up: none of its rows are in the table. Does nothing when it is no longer being
     * loaded.
     */
    public boolean fail(Claim claim, String error) {
        return finish(claim, LoadState.FAILED, null, error, true);
    }

    /**
     * Lets the load be tried again after a while. Does nothing when it is no longer being loaded.
     */
    public boolean retry(Claim claim, Duration after, String error) {
        return retry(claim, after, error, true);
    }

    /**
     * As {@link #retry(Claim, Duration, String)}.
     *
     * @param counted whether this was one of the attempts that a load has; an outage is none
     */
    public boolean retry(Claim claim, Duration after, String error, boolean counted) {
        boolean retried = finish(claim, LoadState.WAITING, after, error, counted);
        if (retried) {
            observers.retried(claim, error);
        }
        return retried;
    }

    /** Has another observer hear what becomes of the loads from here on. */
    public void observe(LoadObserver observer) {
        observers.add(observer);
    }

    /** Those who are to hear what becomes of loads outside of the ledger. */
    public LoadObserver observers() {
        return observers;
    }

    /** Says why the load is not to be loaded. Does nothing when it is no longer being loaded. */
    public boolean skip(Claim claim, String reason) {
        return finish(claim, LoadState.SKIPPED, null, reason, true);
    }

    /**
     * As {@link #skip}, of a load that may have committed some ranges: their rows are removed.
     * Where they cannot be, the load has failed, and says so.
     */
    public boolean discard(Claim claim, String reason) {
        if (!skip(claim, reason)) {
            return false;
        }
        try {
            requests.removeRanges(claim.id(), reason);
        } catch (LedgerException e) {
            requests.noteRemains(claim.id(), reason + "; " + e.getMessage());
        }
        return true;
    }

    /** Marks a load that had no rows. Does nothing when it is no longer being loaded. */
    public boolean finishEmpty(Claim claim) {
        boolean finished = holds(claim) && finish(claim, LoadState.LOADED, null, null, true);
        if (finished) {
            observers.loaded(claim, 0, 0, 0);
        }
        return finished;
    }

    private boolean finish(
            Claim claim, LoadState state, Duration after, String error, boolean counted) {
        heartbeat.drop(claim);
        return outcomes.finish(claim, state, after, error, counted);
    }

    /**
     * Notes what went wrong after a load was published, such as its summary.
     *
     * @param statement what failed; a call of {@code citus_ingest.summarize} is then made again by
     *     the upkeep of any process
     * @return whether this claim published it
     */
    public boolean noteAfterLoad(Claim claim, String error, Optional<String> statement) {
        return outcomes.note(claim, error, statement);
    }

    /** Stops the sign of life for a load that has been published. */
    public void release(Claim claim) {
        heartbeat.drop(claim);
    }

    /**
     * Gives back everything that this process is loading, for others to load at once; that does not
     * count as an attempt. Those who work on it are told that it is lost.
     *
     * @return how many loads there were
     */
    public int releaseAll() {
        heartbeat.loseAll();
        return installed ? claims.releaseAll() : 0;
    }

    /** Lets the failed loads of a pipeline from a container be tried again; says how many. */
    public int reopenFailed(String pipeline, String container) {
        install();
        return claims.reopenFailed(pipeline, container);
    }

    /**
     * Lets a load be loaded again from its source, whatever became of it. The rows of a loaded one
     * and of its replays are taken out first; of one that failed on the way, the rest is loaded.
     *
     * @param onRemove see {@link Publication}
     * @return how many rows were taken out
     * @throws LedgerException when it is being loaded, is a replay, or its rows cannot be told from
     *     others
     */
    public long reload(long load, Optional<String> onRemove) {
        install();
        return requests.reload(load, onRemove);
    }

    /**
     * Takes the rows of a load and of its replays out; it is skipped from then on. Its rejected
     * rows are kept.
     *
     * @param onRemove see {@link Publication}
     * @return how many rows were taken out
     * @throws LedgerException when it has no rows in a table, or they cannot be told from others
     */
    public long unload(long load, Optional<String> onRemove) {
        install();
        return requests.unload(load, onRemove);
    }

    /**
     * Says that a load that waits or has failed, with no rows in a table, is not to be loaded.
     *
     * @throws LedgerException when it is being loaded, or is loaded
     */
    public void skip(long load, String reason) {
        install();
        requests.skip(load, reason);
    }

    /**
     * Claims a load of its own for the rejected rows of a loaded load that no replay has taken up.
     *
     * @throws LedgerException when there are none, or the load has filled several tables
     */
    public Replay openReplay(long load) {
        install();
        Replay replay = requests.openReplay(load);
        hold(replay.claim());
        return replay;
    }

    /**
     * Hands over the rejected rows of one load or of all, one by one.
     *
     * @param limit how many at most
     */
    public void rejects(Optional<Long> load, int limit, Consumer<RejectRecord> to) {
        rejects(load, true, limit, to);
    }

    /**
     * As {@link #rejects(Optional, int, Consumer)}.
     *
     * @param all whether those are wanted, too, that a replay has taken up
     */
    public void rejects(Optional<Long> load, boolean all, int limit, Consumer<RejectRecord> to) {
        if (version() > 1) {
            rejects.read(load, all, limit, to);
        }
    }

    /** The load with this id. Writes nothing. */
    public Optional<LoadRecord> load(long id) {
        return version() == 0 ? Optional.empty() : history.load(id);
    }

    /** The loads of the versions of a source, {@code container/blob} or a key, newest first. */
    public List<LoadRecord> versions(Optional<String> pipeline, String source) {
        return version() == 0 ? List.of() : history.ofSource(pipeline, source);
    }

    /** Whether a load of the pipeline from this container waits or is being loaded. */
    public boolean waits(String pipeline, String container) {
        return history.waits(pipeline, container);
    }

    /** What is to be seen of these pipelines, by one statement. Needs a ledger. Writes nothing. */
    public List<PipelineRecord> pipelines(Collection<String> pipelines) {
        return this.pipelines.read(pipelines);
    }

    /** The loads that nobody has brought to an end for so long. Needs a ledger. Writes nothing. */
    public StuckLoads stuck(Duration after) {
        return pipelines.stuck(after);
    }

    /** How many loads of a pipeline are this process's now. */
    public int inFlight(String pipeline) {
        return heartbeat.count(pipeline);
    }

    /** What these pipelines have still to load. */
    public Backlog backlog(Collection<String> pipelines) {
        return history.backlog(pipelines);
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
        return version() == 0 ? List.of() : history.newest(pipeline, limit);
    }

    /** The loads that this process has finished since the one given, in the order of their ends. */
    public List<LoadRecord> finishedAfter(Instant time, long id) {
        return history.finishedAfter(owner, time, id);
    }

    /**
     * Starts to finish what processes have left behind: rows that become visible late, summaries
     * that failed or were never run. Until {@link #close}.
     */
    public void startUpkeep() {
        upkeep.start();
    }

    /** Finishes once what has been left behind. */
    public void upkeep() {
        upkeep.pass(Duration.ZERO);
    }

    @Override
    public void close() {
        upkeep.close();
        heartbeat.close();
    }
}
