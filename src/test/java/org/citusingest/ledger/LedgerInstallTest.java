package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** How the ledger comes into a database. */
class LedgerInstallTest {
    private final TestDatabase database = TestDatabase.fresh();

    @Test
    void eight_threads_at_once_make_one_ledger() {
        Together.run(
                8,
                thread -> {
                    try (Ledger ledger = new Ledger(database.dataSource())) {
                        ledger.install();
                        ledger.install();
                        assertThat(ledger.version()).isEqualTo(ledger.knownVersion());
                    }
                });

        assertThat(database.rows("SELECT version FROM citus_ingest.ledger_version"))
                .containsExactly("1", "2");
        assertThat(database.rows("SELECT count(*) FROM citus_ingest.load")).containsExactly("0");
    }

    @Test
    void a_database_without_a_ledger_has_version_0_and_stays_as_it_is() {
        try (Ledger ledger = new Ledger(database.dataSource())) {
            assertThat(ledger.version()).isZero();
            assertThat(ledger.newest(Optional.empty(), 10)).isEmpty();
        }

        assertThat(database.ask("SELECT to_regnamespace('citus_ingest')")).isEqualTo("null");
    }

    @Test
    void a_newer_ledger_is_refused_and_left_alone() {
        try (Ledger ledger = new Ledger(database.dataSource())) {
            ledger.install();
        }
        database.execute("INSERT INTO citus_ingest.ledger_version (version) VALUES (99)");

        try (Ledger older = new Ledger(database.dataSource())) {
            assertThatThrownBy(older::install)
                    .isInstanceOf(LedgerException.class)
                    .hasMessage(
                            "The ledger in the database has version 99, this citus-ingest knows versions up to 2:"
                                    + " run the newer citus-ingest that made it");
            assertThatThrownBy(() -> older.claim("p", "a", "c", 1, Overwrite.append))
                    .isInstanceOf(LedgerException.class);
        }
        assertThat(database.rows("SELECT version FROM citus_ingest.ledger_version ORDER BY 1"))
                .containsExactly("1", "2", "99");
    }

    @Test
    void a_role_that_may_not_create_a_schema_uses_one_that_was_made_for_it() {
        database.execute(
                "CREATE ROLE installer LOGIN",
                "CREATE SCHEMA citus_ingest AUTHORIZATION installer",
                "GRANT installer TO CURRENT_USER");
        PGSimpleDataSource installer = new PGSimpleDataSource();
        installer.setUrl(((PGSimpleDataSource) database.dataSource()).getUrl());
        installer.setUser("installer");
        try (Ledger ledger = new Ledger(installer)) {
            ledger.install();

            assertThat(ledger.claim("p", "a", "c", 1, Overwrite.append)).isEmpty();
        } finally {
            database.execute("DROP OWNED BY installer", "DROP ROLE installer");
        }
    }

    @Test
    void an_installation_that_fails_leaves_nothing_and_can_be_repeated() {
        database.execute("CREATE SCHEMA citus_ingest", "CREATE TABLE citus_ingest.batch (id int)");
        try (Ledger ledger = new Ledger(database.dataSource())) {
            assertThatThrownBy(ledger::install)
                    .hasMessageStartingWith("Could not create the ledger: ")
                    .hasMessageContaining("\"batch\" already exists");
            assertThat(database.ask("SELECT to_regclass('citus_ingest.load')")).isEqualTo("null");
            database.execute("DROP TABLE citus_ingest.batch");

            ledger.install();

            assertThat(ledger.version()).isEqualTo(ledger.knownVersion());
        }
    }

    @Test
    void a_ledger_that_is_lost_while_it_is_used_is_not_begun_anew() {
        try (Ledger ledger = new Ledger(database.dataSource())) {
            ledger.install();
            database.execute("DROP SCHEMA citus_ingest CASCADE");

            assertThatThrownBy(
                            () ->
                                    ledger.register(
                                            "p",
                                            "a",
                                            "c",
                                            List.of(new FoundBlob("x", "1", 1, null))))
                    .isInstanceOf(LedgerException.class)
                    .hasMessageContaining("citus_ingest.load\" does not exist");
            assertThatThrownBy(() -> ledger.claim("p", "a", "c", 1, Overwrite.append))
                    .isInstanceOf(LedgerException.class);
            assertThatThrownBy(() -> ledger.claimKey("p", "x")).isInstanceOf(LedgerException.class);
        }
        assertThat(database.ask("SELECT to_regnamespace('citus_ingest')")).isEqualTo("null");
    }

    @Test
    void a_ledger_of_version_1_is_brought_forward_with_all_that_is_in_it() throws Exception {
        FirstVersion.install(database);
        database.execute(
                "INSERT INTO citus_ingest.load (pipeline, account, container, blob, etag, state, attempts, owner, lease_until)"
                        + " VALUES ('p', 'a', 'c', 'x', '1', 'loading', 1, 'old', now() + interval '1 h'),"
                        + " ('p', 'a', 'c', 'x', '2', 'loading', 1, 'old', now() + interval '1 h'),"
                        + " ('p', 'a', 'c', 'y', '1', 'loaded', 1, 'old', NULL)",
                "INSERT INTO citus_ingest.batch (load_id, table_name, range_from, range_to, rows_copied)"
                        + " VALUES (3, 'item', 0, 10, 5)");
        try (Ledger ledger = new Ledger(database.dataSource())) {
            Together.run(4, thread -> ledger.install());

            assertThat(ledger.version()).isEqualTo(2);
            // Two versions of a blob at once: the newer one waits for the older one.
            assertThat(
                            database.rows(
                                    "SELECT etag, state, attempts, generation FROM citus_ingest.load ORDER BY id"))
                    .containsExactly("1|loading|1|0", "2|waiting|0|0", "1|loaded|1|0");
            assertThat(ledger.claim("p", "a", "c", 5, Overwrite.append)).isEmpty();
            assertThat(database.ask("SELECT citus_ingest.summarize('p', 'SELECT 1')"))
                    .isEqualTo("1");
            assertThat(ledger.reload(3, java.util.Optional.empty())).isZero();
        }
    }
}
