package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * One connection and its transaction, through which rows reach their tables by COPY. Not
 * thread-safe.
 *
 * <p>A COPY statement goes on over many batches: on Citus each one opens a connection for every
 * shard. It still ends now and then, since the driver hears of a refused row only at the end of a
 * statement: the first one after 8 MiB, so that a wrong file fails at once, each further one after
 * twice as much, up to 256 MiB.
 */
final class Lane implements AutoCloseable {
    private static final long FIRST_COPY_BYTES = 8L << 20;
    private static final long LONGEST_COPY_BYTES = 256L << 20;
    private static final int MOST_DEFERRED_BYTES = 4 << 20;

    private final Connection connection;
    private final String source;
    private final Map<CopyTarget, Deferred> deferred = new LinkedHashMap<>();

    private CopyIn copy;
    private CopyTarget target;
    private CopyFormat format;
    private final RowNumbers rows = new RowNumbers();
    private long copyBytes;
    private long longestCopy = FIRST_COPY_BYTES;

    /** Rows that need text COPY, kept until a binary COPY ends anyway. */
    private record Deferred(CopyBuffer bytes, RowNumbers rows) {}

    /**
     * Begins a transaction on the connection, which is the lane's from now on.
     *
     * @param source what the rows come from, for messages
     */
    Lane(Connection connection, String source, boolean citus) throws SQLException {
        this.connection = connection;
        this.source = source;
        try {
            begin(citus);
        } catch (SQLException e) {
            close();
            throw e;
        }
    }

    private void begin(boolean citus) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            // What a timestamp without a zone means must not depend on where this program runs.
            statement.execute("SET LOCAL TimeZone = 'UTC'");
            if (citus) {
                // One connection a worker is enough for a COPY; bad JSON is to be found where its
                // line is known.
                statement.execute("SET LOCAL citus.max_adaptive_executor_pool_size = 1");
                statement.execute("SET LOCAL citus.skip_jsonb_validation_in_copy = off");
            }
        }
    }

    Connection connection() {
        return connection;
    }

    /** Sends encoded rows. */
    void write(CopyTarget to, CopyFormat as, CopyBuffer bytes, RowNumbers numbers)
            throws SQLException, CopyException {
        if (numbers.size() == 0) {
            return;
        }
        begin(to, as);
        rows.addAll(numbers);
        copyBytes += bytes.size();
        send(bytes.bytes(), bytes.size());
        if (copyBytes >= longestCopy) {
            finish();
            longestCopy = Math.min(longestCopy * 2, LONGEST_COPY_BYTES);
        }
    }

    /** Takes rows in the text format, to be sent when it is cheap. */
    void defer(CopyTarget to, CopyBuffer bytes, RowNumbers numbers)
            throws SQLException, CopyException {
        if (numbers.size() == 0) {
            return;
        }
        Deferred waiting =
                deferred.computeIfAbsent(
                        to, unused -> new Deferred(new CopyBuffer(bytes.size()), new RowNumbers()));
        waiting.bytes().put(bytes.bytes(), 0, bytes.size());
        waiting.rows().addAll(numbers);
        if (waiting.bytes().size() >= MOST_DEFERRED_BYTES) {
            deferred.remove(to);
            write(to, CopyFormat.TEXT, waiting.bytes(), waiting.rows());
        }
    }

    /** Sends what is left and waits until the server has taken every row. */
    void finish() throws SQLException, CopyException {
        for (Map.Entry<CopyTarget, Deferred> waiting : deferred.entrySet()) {
            write(
                    waiting.getKey(),
                    CopyFormat.TEXT,
                    waiting.getValue().bytes(),
                    waiting.getValue().rows());
        }
        deferred.clear();
        end();
    }

    private void begin(CopyTarget to, CopyFormat as) throws SQLException, CopyException {
        if (copy != null && (target != to || format != as)) {
            end();
        }
        if (copy == null) {
            target = to;
            format = as;
            copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(to.copySql(as));
            send(as.header(), as.header().length);
        }
    }

    private void send(byte[] bytes, int length) throws SQLException, CopyException {
        try {
            copy.writeToCopy(bytes, 0, length);
        } catch (SQLException e) {
            throw CopyException.of(source, target, rows, e);
        }
    }

    private void end() throws SQLException, CopyException {
        if (copy == null) {
            return;
        }
        send(format.trailer(), format.trailer().length);
        long taken;
        try {
            taken = copy.endCopy();
        } catch (SQLException e) {
            throw CopyException.of(source, target, rows, e);
        }
        if (taken != rows.size()) {
            throw new SQLException(
                    "%s: %d rows were sent to %s and the server took %d; nothing is kept"
                            .formatted(source, rows.size(), target.table().sql(), taken));
        }
        copy = null;
        rows.clear();
        copyBytes = 0;
    }

    void commit() throws SQLException {
        connection.commit();
    }

    /**
     * Rolls back what is not committed and gives the connection back; one that cannot be used any
     * more is closed.
     */
    @Override
    public void close() {
        try (connection) {
            if (copy != null && copy.isActive()) {
                copy.cancelCopy();
            }
            connection.rollback();
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            abort();
        }
    }

    private void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            org.slf4j.LoggerFactory.getLogger(Lane.class)
                    .debug("A broken connection could not be closed", e);
        }
    }
}
