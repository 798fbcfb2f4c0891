package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables whose columns change while the program runs, between loads and amid one. */
class ChangedTableTest {
    private static final int ROWS = 20_000;
    private static final int BATCH_BYTES = 20_000;

    private final TestDatabase database = TestDatabase.fresh();
    private TestRoutes routes;

    @BeforeEach
    void start() {
        database.execute("CREATE TABLE item (id int, score int)");
        routes =
                TestRoutes.of(
                        database,
                        TestRoutes.whole(BATCH_BYTES, "item?publish=batch"),
                        TestRoutes.split(BATCH_BYTES, "item"));
    }

    @AfterEach
    void stop() {
        routes.close();
    }

    /** Types whose binary forms are as long as that of int, and one that is longer. */
    @ParameterizedTest
    @CsvSource({"real", "oid", "bigint", "text"})
    void a_column_that_gets_another_type_between_loads_takes_the_values_of_the_file(String type) {
        load("1", "id,score\n1,10\n");
        database.execute("ALTER TABLE item ALTER score TYPE " + type + " USING score::" + type);

        load("2", "id,score\n2,20\n");

        assertThat(database.rows("SELECT id, score FROM item ORDER BY id"))
                .containsExactly("1|10", "2|20");
    }

    @Test
    void a_column_that_is_renamed_between_loads_is_known_by_its_new_name_at_once() {
        load("1", "id,score\n1,10\n");
        database.execute("ALTER TABLE item RENAME score TO points");

        load("2", "id,points\n2,20\n");

        assertThat(database.rows("SELECT id, points FROM item ORDER BY id"))
                .containsExactly("1|10", "2|20");
    }

    @Test
    void a_column_that_gets_another_type_amid_a_load_takes_no_value_that_the_file_has_not() {
        Exception failure =
                routes.failure(
                        "direct:whole",
                        "a",
                        amid("ALTER TABLE item ALTER score TYPE real USING score::real"));

        assertThat(failure)
                .hasMessageContaining("public.item was changed while rows were on their way")
                .hasMessageContaining("score");
        assertThat(database.count("item WHERE score <> id")).isZero();

        routes.load("direct:whole", "a", amid("SELECT"));

        assertThat(database.rows("SELECT count(*), count(DISTINCT id), sum(score) FROM item"))
                .hasSize(1)
                .allMatch(row -> row.startsWith(ROWS + "|" + ROWS + "|"));
        assertThat(database.count("item WHERE score <> id")).isZero();
    }

    @Test
    void a_column_that_is_added_amid_a_load_disturbs_nothing() {
        routes.load("direct:whole", "a", amid("ALTER TABLE item ADD noted text DEFAULT 'new'"));

        assertThat(database.rows("SELECT count(*), count(DISTINCT id), count(noted) FROM item"))
                .containsExactly("%1$d|%1$d|%1$d".formatted(ROWS));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER TABLE item DROP score | 42703 ",
                "ALTER TABLE item RENAME score TO points | 42703 ",
                "DROP TABLE item | 42P01 "
            })
    void what_goes_away_amid_a_load_fails_it_and_is_named(String sql, String state) {
        Exception failure = routes.failure("direct:whole", "a", amid(sql));

        assertThat(failure).hasMessageContaining(": " + state).hasMessageContaining("a in rows ");
        assertThat(database.rows("SELECT state, attempts FROM citus_ingest.load"))
                .containsExactly("failed|1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRUNCATE item",
                "DROP TABLE item",
                "ALTER TABLE item ALTER score TYPE real"
            })
    void what_would_change_the_table_waits_until_the_load_is_published(String sql) {
        AtomicReference<Throwable> refusal = new AtomicReference<>();

        routes.load(
                "direct:split",
                "a",
                amid(
                        () ->
                                refusal.set(
                                        catchThrowable(
                                                () ->
                                                        database.execute(
                                                                "SET lock_timeout = '100ms'",
                                                                sql)))));

        assertThat(refusal.get()).hasMessageContaining("lock timeout");
        assertThat(database.count("item WHERE score = id")).isEqualTo(ROWS);
        database.execute(sql);
    }

    private void load(String key, String csv) {
        routes.load("direct:whole", key, csv);
    }

    /** Rows whose two values are equal, and a statement in another session before one of them. */
    private InputStream amid(String sql) {
        return amid(
                () -> {
                    // The table was read: a load reads it with its first batch.
                    await().until(() -> database.count("citus_ingest.batch") > 0);
                    database.execute(sql);
                });
    }

    private static InputStream amid(Runnable action) {
        AtomicBoolean done = new AtomicBoolean();
        return new RowStream(
                "id,score",
                ROWS,
                i -> {
                    if (i == ROWS / 2 && !done.getAndSet(true)) {
                        action.run();
                    }
                    return i + "," + i;
                });
    }
}
