package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
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
}
