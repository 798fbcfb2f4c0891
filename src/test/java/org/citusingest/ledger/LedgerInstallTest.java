package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}
