package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import org.citusingest.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

class FailureTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nobody | FATAL: role \"nobody\" does not exist",
                "nologin | FATAL: role \"nologin\" is not permitted to log in"
            })
    void no_connection_to_be_had_is_no_fault_of_a_load_and_says_what_the_server_says(
            String role, String told) {
        TestDatabase database = TestDatabase.fresh();
        database.execute("DROP ROLE IF EXISTS nologin", "CREATE ROLE nologin");
        PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
        source.setUser(role);
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(500);
        try (HikariDataSource pool = new HikariDataSource(config);
                Ledger ledger = new Ledger(pool)) {
            Throwable failure = catchThrowable(ledger::version);

            assertThat(Failure.isPermanent(failure)).isFalse();
            assertThat(Failure.isPassing(failure)).isTrue();
            assertThat(failure).hasMessage("Could not read the ledger's version: " + told);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "53300 | FATAL: something in another language | true | true",
                "08006 | connection to the remote node failed with the following error: FATAL:  sorry, too many clients already | true | true",
                "08006 | FATAL:  remaining connection slots are reserved for non-replication superuser connections | true | true",
                "08006 | FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute | true | true",
                "08006 | FATAL:  too many connections for role \"loader\" | true | true",
                "08006 | An I/O error occurred while sending to the backend. | false | false",
                "53100 | could not extend file | false | true"
            })
    void a_server_or_a_worker_without_a_connection_left_is_an_outage(
            String state, String told, boolean full, boolean passing) {
        Exception failure = new IllegalStateException("wrapped", new SQLException(told, state));

        assertThat(Failure.isFull(failure)).isEqualTo(full);
        assertThat(Failure.isPassing(failure)).isEqualTo(passing);
    }
}
