package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/**
 * What the role that loads must not be able to do on any node, beside the tables item, which it
 * loads, item_total, which its summary writes, and private, with the function stranger, which are
 * no business of its.
 */
final class Forbidden {
    static final String INSUFFICIENT_PRIVILEGE = "42501";

    static final List<String> STATEMENTS =
            List.of(
                    "CREATE TABLE mine (id int)",
                    "CREATE TABLE citus_ingest.mine (id int)",
                    "CREATE TEMPORARY TABLE mine (id int)",
                    "CREATE SCHEMA mine",
                    "CREATE VIEW mine AS SELECT * FROM item",
                    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                    "COPY item TO PROGRAM 'cat > /dev/null'",
                    "COPY item FROM PROGRAM 'id'",
                    "COPY item FROM '/etc/passwd'",
                    "COPY item TO '/tmp/item'",
                    "SELECT pg_read_file('/etc/passwd')",
                    "SELECT pg_ls_dir('.')",
                    "SELECT lo_import('/etc/passwd')",
                    "SELECT * FROM private",
                    "INSERT INTO private VALUES (1)",
                    "SELECT * FROM other.paper",
                    "SELECT stranger()",
                    "UPDATE item SET id = 9",
                    "TRUNCATE item",
                    "TRUNCATE item_total",
                    "DROP TABLE item",
                    "ALTER TABLE item ADD COLUMN mine int",
                    "CREATE INDEX ON item (name)",
                    "CREATE TRIGGER mine AFTER INSERT ON item EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()",
                    "ALTER FUNCTION rollup_item() SECURITY DEFINER",
                    "DROP TABLE citus_ingest.batch",
                    "TRUNCATE citus_ingest.load",
                    "DELETE FROM citus_ingest.load",
                    "UPDATE citus_ingest.ledger_version SET version = 9",
                    "CREATE OR REPLACE FUNCTION citus_ingest.summary_done(pipeline text, ids text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
                    "DROP SCHEMA citus_ingest CASCADE",
                    "CREATE ROLE mine",
                    "ALTER ROLE CURRENT_USER SUPERUSER",
                    "ALTER ROLE CURRENT_USER CREATEROLE",
                    "GRANT pg_execute_server_program TO CURRENT_USER",
                    "SET ROLE ingest_owner",
                    "SET SESSION AUTHORIZATION postgres",
                    "SELECT rolpassword FROM pg_authid",
                    "CREATE DATABASE mine",
                    "ALTER SYSTEM SET work_mem = '1MB'");

    private Forbidden() {}

    /** Tries a statement, by itself; it must be refused, and because the role lacks the right. */
    static void isRefused(DataSource loader, String statement) throws SQLException {
        try (Connection connection = loader.getConnection();
                Statement any = connection.createStatement()) {
            assertThatExceptionOfType(SQLException.class)
                    .as(statement)
                    .isThrownBy(() -> any.execute(statement))
                    .satisfies(
                            refusal ->
                                    assertThat(refusal.getSQLState())
                                            .as(refusal.getMessage())
                                            .isEqualTo(INSUFFICIENT_PRIVILEGE));
        }
    }
}
