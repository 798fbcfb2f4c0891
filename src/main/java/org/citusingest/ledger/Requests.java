package org.citusingest.ledger;

import static org.citusingest.ledger.LedgerDatabase.ask;
import static org.citusingest.ledger.LedgerDatabase.update;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What a person asks of a load: to load it again, not to load it, to take its rows out, to replay
 * it.
 */
final class Requests {
    private final LedgerDatabase database;
    private final LoadHistory history;
    private final RowRemoval removal;
    private final Claims claims;

    Requests(LedgerDatabase database, LoadHistory history, RowRemoval removal, Claims claims) {
        this.database = database;
        this.history = history;
        this.removal = removal;
        this.claims = claims;
    }

    /** The ranges that a load has committed before it failed are kept: only the rest is loaded. */
    long reload(long id, Optional<String> onRemove) {
        return database.transaction(
                "reload load " + id,
                connection -> {
                    LoadRecord load = settled(connection, id);
                    if (load.replayOf() != null) {
                        throw new LedgerException(
                                "Load %d is a replay of load %d and has no source of its own: unload it, then replay load %d"
                                        .formatted(id, load.replayOf(), load.replayOf()));
                    }
                    boolean loaded = load.state() == LoadState.LOADED;
                    long removed =
                            loaded
                                    ? removal.remove(connection, List.of(id), onRemove, "reloaded")
                                    : 0;
                    update(
                            connection,
                            "UPDATE citus_ingest.load SET state = 'waiting', attempts = 0, lease_until = NULL,"
                                    + " finished_at = NULL, error = NULL WHERE id = ?",
                            id);
                    return removed;
                });
    }

    long unload(long id, Optional<String> onRemove) {
        return database.transaction(
                "unload load " + id,
                connection -> {
                    LoadRecord load = settled(connection, id);
                    if (load.state() != LoadState.LOADED && ranges(connection, id) == 0) {
                        throw new LedgerException(
                                "Load %d of %s is %s: it has no rows that could be taken out"
                                        .formatted(id, load.source(), load.state()));
                    }
                    return removal.remove(connection, List.of(id), onRemove, "unloaded");
                });
    }

    /** Takes out what a load has committed that is skipped now. */
    void removeRanges(long id, String reason) {
        database.transaction(
                "remove the rows of load " + id,
                connection ->
                        ranges(connection, id) == 0
                                ? 0L
                                : removal.remove(
                                        connection, List.of(id), Optional.empty(), reason));
    }

    /** Says that rows are left of a load that is not to be loaded. */
    void noteRemains(long id, String error) {
        database.call(
                "note what is left of load " + id,
                connection ->
                        update(
                                connection,
                                "UPDATE citus_ingest.load SET state = 'failed', error = ? WHERE id = ? AND state ="
                                        + " 'skipped'",
                                LedgerDatabase.text(error),
                                id));
    }

    void skip(long id, String reason) {
        database.transaction(
                "skip load " + id,
                connection -> {
                    LoadRecord load = settled(connection, id);
                    boolean open =
                            load.state() == LoadState.WAITING || load.state() == LoadState.FAILED;
                    if (!open || ranges(connection, id) > 0) {
                        throw new LedgerException(
                                "Load %d of %s is %s%s: only one without rows that waits or has failed can be skipped;"
                                                .formatted(
                                                        id,
                                                        load.source(),
                                                        load.state(),
                                                        open ? " and some of its rows are in" : "")
                                        + " citus-ingest unload takes rows out");
                    }
                    return update(
                            connection,
                            "UPDATE citus_ingest.load SET state = 'skipped', error = ?, lease_until = NULL,"
                                    + " finished_at = now() WHERE id = ?",
                            LedgerDatabase.text(reason),
                            id);
                });
    }

    private static int ranges(Connection connection, long id) throws SQLException {
        return Integer.parseInt(
                ask(connection, "SELECT count(*) FROM citus_ingest.batch WHERE load_id = ?", id));
    }

    Replay openReplay(long parent) {
        return database.transaction(
                "replay load " + parent,
                connection -> {
                    LoadRecord load = settled(connection, parent);
                    List<RejectedRow> rows = Rejects.unresolved(connection, parent);
                    if (load.state() != LoadState.LOADED) {
                        throw new LedgerException(
                                "Load %d of %s is %s: only rejected rows of a loaded one can be replayed; reload it instead"
                                        .formatted(parent, load.source(), load.state()));
                    }
                    if (rows.isEmpty()) {
                        throw new LedgerException(
                                "Load %d of %s has no rejected row that is not in its table yet"
                                        .formatted(parent, load.source()));
                    }
                    if (tables(connection, parent) > 1) {
                        throw new LedgerException(
                                "Load %d of %s has filled several tables, and a replay would bring a row that one of them rejected into all of them: load the corrected rows as a source of their own"
                                        .formatted(parent, load.source()));
                    }
                    long replay = replay(connection, parent);
                    if (ranges(connection, replay) > 0) {
                        // They are known by where they stood in rows that may have been corrected
                        // since.
                        throw new LedgerException(
                                "Load %d, a replay of load %d, ended with some of its rows in: take them out by citus-ingest unload --load %d, then replay again"
                                        .formatted(replay, parent, replay));
                    }
                    Claim claim =
                            claims.one(connection, replay)
                                    .orElseThrow(
                                            () ->
                                                    new LedgerException(
                                                            "Load %d of %s is being replayed: wait until that has ended"
                                                                    .formatted(
                                                                            parent,
                                                                            load.source())));
                    return new Replay(claim, Rejects.header(connection, parent), rows);
                });
    }

    private static int tables(Connection connection, long id) throws SQLException {
        return Integer.parseInt(
                ask(
                        connection,
                        """
                        SELECT count(*) FROM (
                            SELECT table_name FROM citus_ingest.batch WHERE load_id = ?
                            UNION SELECT table_name FROM citus_ingest.reject WHERE load_id = ?) AS tables
                        """,
                        id,
                        id));
    }

    /** The replay that has not been loaded yet, or a new one. */
    private static long replay(Connection connection, long parent) throws SQLException {
        String open =
                ask(
                        connection,
                        "SELECT max(id) FROM citus_ingest.load WHERE replay_of = ?"
                                + " AND state NOT IN ('loaded', 'skipped')",
                        parent);
        return Long.parseLong(
                open != null
                        ? open
                        : ask(
                                connection,
                                """
                                INSERT INTO citus_ingest.load
                                    (pipeline, account, container, blob, etag, size_bytes, state, replay_of)
                                SELECT pipeline, account, container, blob,
                                       etag || '+replay' || (
                                           SELECT count(*) + 1 FROM citus_ingest.load AS other WHERE other.replay_of = load.id),
                                       NULL, 'waiting', id
                                FROM citus_ingest.load WHERE id = ?
                                RETURNING id
                                """,
                                parent));
    }

    /** The load, locked, unless a process is at it. */
    private LoadRecord settled(Connection connection, long id) throws SQLException {
        String held =
                ask(
                        connection,
                        "SELECT CASE state WHEN 'loading' THEN format('%s is loading it, with a lease until %s', owner,"
                                + " lease_until) ELSE '' END FROM citus_ingest.load WHERE id = ? FOR UPDATE",
                        id);
        if (held == null) {
            throw new LedgerException(
                    "There is no load " + id + ": citus-ingest status lists them");
        }
        if (!held.isEmpty()) {
            throw new LedgerException(
                    "Load " + id + " cannot be changed now: " + held + "; wait until it has ended");
        }
        return history.load(connection, id).orElseThrow();
    }
}
