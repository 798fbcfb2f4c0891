package org.citusingest.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The tables of the ledger: their version, and how they come to be. */
final class LedgerSchema {
    /** The version that this program reads and writes. */
    static final int VERSION = 2;

    // Any number will do; every citus-ingest must use the same one.
    private static final long INSTALL_LOCK = 0x636974_7573L;

    private static final List<String> TABLES =
            List.of("ledger_version", "load", "batch", "reject", "summary");

    private LedgerSchema() {}

    /** The version in the database; 0 where there is no ledger. */
    static int version(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            // Not to_regclass: it may answer from before another process made the table.
            if (!ask(
                    statement,
                    "SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'ledger_version' AND relnamespace ="
                            + " (SELECT oid FROM pg_namespace WHERE nspname = 'citus_ingest'))")) {
                return 0;
            }
            try (ResultSet version =
                    statement.executeQuery(
                            "SELECT coalesce(max(version), 0) FROM citus_ingest.ledger_version")) {
                version.next();
                return version.getInt(1);
            }
        }
    }

    /**
     * Brings the ledger to {@link #VERSION}, one process at a time; others wait, then find it done.
     *
     * @throws LedgerException when the ledger is newer than this program
     */
    static void install(Connection connection) throws SQLException {
        if (version(connection) == VERSION) {
            return;
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_xact_lock(" + INSTALL_LOCK + ")");
            int installed = version(connection);
            if (installed > VERSION) {
                throw new LedgerException(
                        "The ledger in the database has version "
                                + installed
                                + ", this citus-ingest knows versions up to "
                                + VERSION
                                + ": run the newer citus-ingest that made it");
            }
            if (installed == 0) {
                // Asked first: CREATE SCHEMA IF NOT EXISTS needs the right to create one even where
                // it is there.
                if (!ask(statement, "SELECT to_regnamespace('citus_ingest') IS NOT NULL")) {
                    statement.execute("CREATE SCHEMA citus_ingest");
                }
                statement.execute(
                        "CREATE TABLE citus_ingest.ledger_version (version integer PRIMARY KEY,"
                                + " installed_at timestamptz NOT NULL DEFAULT now())");
            }
            for (int next = installed + 1; next <= VERSION; next++) {
                statement.execute(script(next));
                try (PreparedStatement insert =
                        connection.prepareStatement(
                                "INSERT INTO citus_ingest.ledger_version (version) VALUES (?)")) {
                    insert.setInt(1, next);
                    insert.executeUpdate();
                }
            }
            if (ask(
                    statement,
                    "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')")) {
                addToCitusMetadata(connection);
            }
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /**
     * Makes the tables known to the workers, so that a COPY there commits together with its ledger
     * row.
     */
    private static void addToCitusMetadata(Connection connection) throws SQLException {
        try (PreparedStatement add =
                connection.prepareStatement(
                        "SELECT citus_add_local_table_to_metadata(?::regclass) WHERE NOT EXISTS"
                                + " (SELECT FROM pg_dist_partition WHERE logicalrelid = ?::regclass)")) {
            for (String table : TABLES) {
                add.setString(1, "citus_ingest." + table);
                add.setString(2, "citus_ingest." + table);
                add.execute();
            }
        }
    }

    private static boolean ask(Statement statement, String question) throws SQLException {
        try (ResultSet answer = statement.executeQuery(question)) {
            answer.next();
            return answer.getBoolean(1);
        }
    }

    private static String script(int version) {
        String name = "V" + version + ".sql";
        try (InputStream in = LedgerSchema.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new LedgerException("The resource " + name + " is not in this jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
