package org.citusingest.citus;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.Identifier;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LoadObserver;
import org.citusingest.ledger.LoadObserver.Kind;
import org.citusingest.ledger.LoadObserver.Work;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowCursor;

/**
 * One connection and its transaction, through which the rows of loads reach their tables by COPY.
 * Not thread-safe.
 *
 * <p>A COPY statement goes on over several batches, as on Citus each one opens a connection for
 * every shard: the first one until 8 MiB have been sent, so that a wrong file fails at once, there
 * each further one until twice as much, up to 32 MiB. The batches are kept until the server has
 * taken their rows: where it refuses one, the statement is taken back to its savepoint, and the
 * rows that are good are found and copied without it.
 */
final class Lane implements AutoCloseable, Isolation.Attempts {
    private static final long FIRST_COPY_BYTES = 8L << 20;
    private static final long LONGEST_COPY_BYTES_ON_CITUS = 32L << 20;

    private final Connection connection;
    private final Judge judge;
    private final Outcome outcome;
    private final LoadObserver observer;
    private final List<EncodedBatch> open = new ArrayList<>();

    private CopyStatement copy;
    private CopyTarget unchanged;
    private final boolean citus;
    private long sent;
    private long startNanos;
    private long held;
    private long longestCopy = FIRST_COPY_BYTES;

    /** Hears of the batches whose rows the server has judged. */
    interface Outcome {
        /** How many more rows of its load may be refused before it makes no difference. */
        long most(EncodedBatch batch);

        /**
         * The rows of a batch are in, but for those that were refused.
         *
         * @throws CopyException when there are too many of them
         */
        void settled(EncodedBatch batch, List<Refusal> refusals) throws SQLException, CopyException;
    }

    /**
     * Begins a transaction on the connection, which is the lane's from now on.
     *
     * @param name tells a person which load it is, and whoever takes the load over whom to end
     * @param citus whether the server has the extension
     * @param ledger that of the loads; also asked about the values of refused rows
     */
    Lane(Connection connection, String name, boolean citus, Ledger ledger, Outcome outcome)
            throws SQLException {
        this.connection = connection;
        this.citus = citus;
        this.judge = new Judge(ledger);
        this.observer = ledger.observers();
        this.outcome = outcome;
        try {
            connection.setAutoCommit(false);
            execute(
                    "SET LOCAL application_name = '" + name + "'",
                    // What a timestamp without a zone means must not depend on where this runs.
                    "SET LOCAL TimeZone = 'UTC'",
                    // A row is refused by its own statement, not by the commit.
                    "SET CONSTRAINTS ALL IMMEDIATE");
            if (citus) {
                // One connection a worker is enough for a COPY; bad JSON is to be found where its
                // line is known.
                execute(
                        "SET LOCAL citus.max_adaptive_executor_pool_size = 1",
                        "SET LOCAL citus.skip_jsonb_validation_in_copy = off");
            }
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    /**
     * Takes the locks of Citus on the shards of a table and puts the transaction under its
     * two-phase commit, by a COPY of no rows: a shard is not moved before the transaction has
     * ended, and what is written to the ledger on the coordinator is committed together with the
     * rows in shards here.
     *
     * @param shards the shards that are to be on the node of this connection; may be empty
     * @return whether they are
     */
    boolean lockShards(CopyTarget target, List<Long> shards) throws SQLException {
        // Not every type has a binary form.
        CopyFormat format = target.binary() ? CopyFormat.BINARY : CopyFormat.TEXT;
        new CopyStatement(connection, target, target.table().sql(), format).end();
        return ShardMap.gone(connection, shards).isEmpty();
    }

    Connection connection() {
        return connection;
    }

    /** Sends the rows of a batch. Whether they are taken is heard later, see {@link Outcome}. */
    void copy(EncodedBatch batch) throws SQLException, CopyException {
        if (!open.isEmpty() && open.get(0).target() != batch.target()) {
            settle();
        }
        if (open.isEmpty()) {
            startNanos = System.nanoTime();
        }
        open.add(batch);
        sent += batch.bytes();
        // Its memory is kept for as long as a few of its rows are in question.
        held += batch.span().to() - batch.span().from();
        SQLException refused = null;
        try {
            sendToTable(batch);
        } catch (SQLException e) {
            refused = e;
        }
        if (refused != null) {
            settle(refused);
        } else if (sent >= longestCopy || held >= 2 * longestCopy) {
            settle();
            longestCopy =
                    citus && batch.shards().isEmpty()
                            ? Math.min(longestCopy * 2, LONGEST_COPY_BYTES_ON_CITUS)
                            : FIRST_COPY_BYTES;
        }
    }

    private void sendToTable(EncodedBatch batch) throws SQLException {
        for (EncodedRows rows : batch.certain()) {
            if (rows.size() > 0 && rows.into().equals(batch.target().table().sql())) {
                if (copy == null) {
                    execute("SAVEPOINT rows");
                    copy = begin(batch.target(), rows);
                }
                copy.send(rows, 0, rows.size());
            }
        }
    }

    private CopyStatement begin(CopyTarget target, EncodedRows rows) throws SQLException {
        return new CopyStatement(connection, target, rows.into(), rows.format());
    }

    /** Sends the rows that go to shards, shard by shard: those of all open batches. */
    private void sendToShards() throws SQLException {
        Map<String, List<EncodedRows>> shards = new LinkedHashMap<>();
        for (EncodedBatch batch : open) {
            for (EncodedRows rows : batch.certain()) {
                if (rows.size() > 0) {
                    shards.computeIfAbsent(rows.into(), unused -> new ArrayList<>()).add(rows);
                }
            }
        }
        if (!shards.isEmpty()) {
            execute("SAVEPOINT rows");
            for (List<EncodedRows> parts : shards.values()) {
                copy = begin(open.get(0).target(), parts.get(0));
                for (EncodedRows rows : parts) {
                    copy.send(rows, 0, rows.size());
                }
                copy.end();
            }
            copy = null;
            execute("RELEASE SAVEPOINT rows");
        }
    }

    /** Waits until the server has judged every row that was sent. */
    void settle() throws SQLException, CopyException {
        SQLException refused = null;
        try {
            if (copy == null) {
                sendToShards();
            } else {
                copy.end();
                execute("RELEASE SAVEPOINT rows");
            }
        } catch (SQLException e) {
            refused = e;
        }
        settle(refused);
    }

    private void settle(SQLException refused) throws SQLException, CopyException {
        try {
            boolean isolate = false;
            if (refused != null) {
                takeBack(copy, refused);
                isolate = true;
                // The change of a column is no fault of the rows.
                checkUnchanged(false);
            }
            copy = null;
            boolean uncertainRefused = !copyUncertain();
            for (EncodedBatch batch : open) {
                List<Refusal> refusals = new ArrayList<>(batch.refused());
                Isolation isolation = new Isolation(this);
                if (isolate) {
                    for (EncodedRows rows : batch.certain()) {
                        isolation.copy(batch, rows, refusals, outcome.most(batch));
                    }
                }
                if (uncertainRefused && refusals.size() <= outcome.most(batch)) {
                    List<Refusal> judged = judge.refusals(batch);
                    refusals.addAll(judged);
                    int[] indexes = judged.stream().mapToInt(Refusal::index).sorted().toArray();
                    isolation.copy(
                            batch,
                            batch.uncertain().without(indexes),
                            refusals,
                            outcome.most(batch));
                }
                outcome.settled(batch, refusals);
            }
            checkUnchanged(!isolate);
            tell();
        } catch (SQLException e) {
            throw CopyException.of(open, e);
        } finally {
            forget();
            sent = 0;
            held = 0;
        }
    }

    private void tell() {
        if (!open.isEmpty()) {
            List<Claim> claims =
                    open.stream().map(batch -> batch.load().claim()).distinct().toList();
            long rows = open.stream().mapToLong(EncodedBatch::size).sum();
            observer.worked(claims, new Work(Kind.COPY, rows, sent, startNanos, System.nanoTime()));
        }
    }

    /**
     * Once a COPY into a table has gone through, its lock keeps the table as it is until the end of
     * the transaction; one that was taken back holds none.
     */
    private void checkUnchanged(boolean locked) throws SQLException {
        if (!open.isEmpty() && open.get(0).target() != unchanged) {
            open.get(0).target().checkUnchanged(connection);
            unchanged = locked ? open.get(0).target() : null;
        }
    }

    /** Copies the uncertain rows of all open batches; false when one of them was refused. */
    private boolean copyUncertain() throws SQLException {
        if (open.stream().allMatch(batch -> batch.uncertain().size() == 0)) {
            return true;
        }
        execute("SAVEPOINT uncertain");
        CopyStatement statement = null;
        try {
            CopyTarget target = open.get(0).target();
            statement =
                    new CopyStatement(connection, target, target.table().sql(), CopyFormat.TEXT);
            for (EncodedBatch batch : open) {
                statement.send(batch.uncertain(), 0, batch.uncertain().size());
            }
            statement.end();
            execute("RELEASE SAVEPOINT uncertain");
            return true;
        } catch (SQLException e) {
            ServerRefusal.of(e, citus);
            cancel(statement);
            execute("ROLLBACK TO SAVEPOINT uncertain");
            return false;
        }
    }

    /** Undoes a statement in which a row was refused; any other error is thrown on. */
    private ServerRefusal takeBack(CopyStatement statement, SQLException error)
            throws SQLException {
        ServerRefusal refusal = ServerRefusal.of(error, citus);
        cancel(statement);
        execute("ROLLBACK TO SAVEPOINT rows");
        return refusal;
    }

    private static void cancel(CopyStatement statement) throws SQLException {
        if (statement != null) {
            statement.cancel();
        }
    }

    @Override
    public ServerRefusal copy(CopyTarget target, EncodedRows rows, int from, int to)
            throws SQLException {
        execute("SAVEPOINT rows");
        CopyStatement statement = null;
        try {
            statement = begin(target, rows);
            statement.send(rows, from, to);
            statement.end();
            execute("RELEASE SAVEPOINT rows");
            return null;
        } catch (SQLException e) {
            return takeBack(statement, e);
        }
    }

    @Override
    public ServerRefusal insert(EncodedBatch batch, int index) throws SQLException {
        execute("SAVEPOINT rows");
        List<Table.Column> columns = batch.target().mapping().columns();
        String names =
                String.join(
                        ", ",
                        columns.stream().map(column -> Identifier.quote(column.name())).toList());
        String values = String.join(", ", columns.stream().map(column -> "?").toList());
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "INSERT INTO %s (%s) VALUES (%s)"
                                .formatted(batch.target().table().sql(), names, values))) {
            RowCursor row = batch.batch().cursor();
            for (int i = 0; i <= index; i++) {
                row.next();
            }
            RowFields fields = new RowFields(batch.target().mapping(), batch.load().claim());
            for (int i = 0; i < columns.size(); i++) {
                Field field = fields.read(row, i);
                // The type is left to the server, which reads the text as COPY does.
                if (field == null) {
                    insert.setNull(i + 1, Types.OTHER);
                } else {
                    insert.setObject(i + 1, field.toString(), Types.OTHER);
                }
            }
            insert.executeUpdate();
            execute("RELEASE SAVEPOINT rows");
            return null;
        } catch (SQLException e) {
            ServerRefusal refusal = takeBack(null, e);
            if (refusal.isUnclear()) {
                throw e;
            }
            return refusal;
        }
    }

    private void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Commits the rows of these loads. */
    void commit(List<Claim> claims) throws SQLException {
        long from = System.nanoTime();
        connection.commit();
        observer.worked(claims, new Work(Kind.COMMIT, 0, 0, from, System.nanoTime()));
    }

    /**
     * Rolls back what is not committed and gives the connection back; one that cannot be used any
     * more is closed.
     */
    @Override
    public void close() {
        forget();
        try (connection) {
            if (copy != null) {
                copy.cancel();
            }
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            abort();
        }
    }

    private void forget() {
        open.forEach(batch -> batch.done().run());
        open.clear();
    }

    /** Closes the connection under whatever is going on with it, from any thread. */
    void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            org.slf4j.LoggerFactory.getLogger(Lane.class)
                    .debug("A broken connection could not be closed", e);
        }
    }
}
