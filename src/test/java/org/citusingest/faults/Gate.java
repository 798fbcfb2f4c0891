package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.citusingest.TestDatabase;

/**
 * A place in the database at which sessions stand until it is opened, so that a test knows where a
 * process is when a fault comes over it.
 */
final class Gate implements AutoCloseable {
    /** The statement at which a session stands, for a trigger or a function. */
    static final String STAND = "PERFORM pg_advisory_xact_lock_shared(1)";

    private static final String STANDING =
            " FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                    + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private final TestDatabase database;
    private final Connection lock;

    private Gate(TestDatabase database, Connection lock) {
        this.database = database;
        this.lock = lock;
    }

    /** Shuts it. */
    static Gate shut(TestDatabase database) throws SQLException {
        Connection lock = database.dataSource().getConnection();
        try (Statement statement = lock.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(1)");
        }
        return new Gate(database, lock);
    }

    /** Shuts it, and makes the row of the table with this id stand there. */
    static Gate atRow(TestDatabase database, String table, long id) throws SQLException {
        database.execute(
                "CREATE FUNCTION stand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                        + STAND
                        + "; RETURN NEW; END $$",
                "CREATE TRIGGER gate BEFORE INSERT ON %s FOR EACH ROW WHEN (NEW.id = %d) EXECUTE FUNCTION stand()"
                        .formatted(table, id));
        return shut(database);
    }

    /** Waits until a session stands there. */
    void awaitOne() {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () ->
                                assertThat(database.ask("SELECT count(*)" + STANDING))
                                        .isEqualTo("1"));
    }

    /** Ends the sessions that stand there, as a server does that loses them. */
    void endSessions() {
        database.rows("SELECT pg_terminate_backend(pid)" + STANDING);
    }

    /** Opens it, for good. */
    @Override
    public void close() throws SQLException {
        lock.close();
    }
}
