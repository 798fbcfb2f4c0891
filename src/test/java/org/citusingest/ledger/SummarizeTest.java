package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** The summary, once for each load, and the notice that there is one to make. */
class SummarizeTest {
    private final TestDatabase database = TestDatabase.fresh();
    private final Ledger ledger = new Ledger(database.dataSource());

    @BeforeEach
    void createSummary() {
        ledger.install();
        database.execute(
                "CREATE TABLE calls (ids text)",
                "CREATE FUNCTION rollup() RETURNS void LANGUAGE sql AS"
                        + " $$ INSERT INTO calls VALUES (current_setting('citus_ingest.load_ids')) $$",
                "CREATE PROCEDURE committing() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$",
                "CREATE PROCEDURE roll() LANGUAGE sql AS"
                        + " $$ INSERT INTO calls VALUES (current_setting('citus_ingest.load_ids')) $$");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT rollup()", "CALL roll()"})
    void one_call_for_all_loads_that_wait_for_it(String call) {
        long first = load("p", "a");
        long second = load("p", "b");
        load("other", "c");
        ledger.fail(claim("p", "bad"), "bad");
        claim("p", "loading");

        assertThat(summarize("p", call)).isEqualTo("2");
        assertThat(summarize("p", call)).isEqualTo("0");

        assertThat(database.rows("SELECT * FROM calls")).containsExactly(first + "," + second);
        assertThat(database.ask("SELECT current_setting('citus_ingest.load_ids', true)"))
                .isIn("null", "");
        long third = load("p", "d");
        assertThat(summarize("p", call)).isEqualTo("1");
        assertThat(database.rows("SELECT * FROM calls")).contains("" + third);
    }

    @Test
    void eight_callers_at_once_summarize_each_load_once() {
        Together.run(
                8,
                thread -> {
                    for (int i = 0; i < 20; i++) {
                        load("p", thread + "-" + i);
                        summarize("p", "SELECT rollup()");
                    }
                });

        assertThat(
                        database.rows(
                                "SELECT count(*), count(DISTINCT id) FROM calls, unnest(string_to_array(ids, ',')) AS id"))
                .containsExactly("160|160");
        assertThat(summarize("p", "SELECT rollup()")).isEqualTo("0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT rollup(), 1 / 0 | 22012 division by zero",
                "SELECT rollup(), nothing() | 42883 function nothing() does not exist",
                "CALL committing() | 2D000 invalid transaction termination (a procedure that commits by itself needs"
                        + " citus_ingest.summary_due and summary_done)"
            })
    void an_error_of_the_summary_is_noted_and_leaves_the_loads_to_a_later_call(
            String call, String error) {
        long load = load("p", "a");

        assertThat(summarize("p", call)).isEqualTo("-1");
        assertThat(summarize("p", call)).isEqualTo("-1");

        assertThat(database.rows("SELECT summarized_at, error FROM citus_ingest.load"))
                .containsExactly("null|summary failed: " + error);
        assertThat(
                        database.rows(
                                "SELECT failures, error, next_at - last_at, statement FROM citus_ingest.summary"))
                .containsExactly(
                        "2|"
                                + error
                                + "|00:00:10|SELECT citus_ingest.summarize('p', '"
                                + call
                                + "')");
        assertThat(database.count("calls")).isZero();

        assertThat(summarize("p", "SELECT rollup()")).isEqualTo("1");
        assertThat(database.rows("SELECT * FROM calls")).containsExactly("" + load);
        assertThat(database.rows("SELECT summarized_at IS NULL, error FROM citus_ingest.load"))
                .containsExactly("f|null");
        assertThat(database.rows("SELECT failures, error, next_at FROM citus_ingest.summary"))
                .containsExactly("0|null|null");
    }

    @Test
    void a_summary_that_is_cancelled_is_noted_like_one_that_failed() throws Exception {
        load("p", "a");
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET statement_timeout = '200ms'");
            try (ResultSet row =
                    statement.executeQuery(
                            "SELECT citus_ingest.summarize('p', 'SELECT pg_sleep(60)')")) {
                assertThat(row.next()).isTrue();
                assertThat(row.getLong(1)).isEqualTo(-1);
            }
            assertThat(statement.getWarnings().getMessage()).startsWith("The summary of p failed");
        }

        assertThat(database.ask("SELECT error FROM citus_ingest.load"))
                .startsWith("summary failed: 57014 canceling statement");
    }

    @Test
    void loads_whose_rows_are_not_visible_everywhere_are_left_to_a_later_summary() {
        load("p", "seen");
        long unseen = load("p", "unseen");
        database.execute("UPDATE citus_ingest.load SET commit_xid = '7' WHERE id = " + unseen);

        assertThat(summarize("p", "SELECT rollup()")).isEqualTo("1");
        database.execute("UPDATE citus_ingest.load SET commit_xid = NULL");
        assertThat(summarize("p", "SELECT rollup()")).isEqualTo("1");

        assertThat(database.rows("SELECT * FROM calls ORDER BY ids::int").get(1))
                .isEqualTo("" + unseen);
    }

    @Test
    void a_note_after_a_load_is_taken_back_by_its_summary() {
        Claim claim = claim("p", "a");
        ledger.finishEmpty(claim);

        ledger.noteAfterLoad(claim, "summary failed", Optional.empty());
        assertThat(database.ask("SELECT error FROM citus_ingest.load")).isEqualTo("summary failed");
        summarize("p", "SELECT rollup()");
        assertThat(database.ask("SELECT error FROM citus_ingest.load")).isEqualTo("null");
        ledger.noteAfterLoad(claim, "a later step failed", Optional.empty());

        assertThat(database.ask("SELECT error FROM citus_ingest.load"))
                .isEqualTo("a later step failed");
    }

    @Test
    void each_finished_load_is_told_on_the_channel_as_json() throws Exception {
        String odd = "a \"quoted\" \\ pipeline of größe";
        try (Connection listener = database.dataSource().getConnection();
                Statement statement = listener.createStatement()) {
            statement.execute("LISTEN citus_ingest");
            long loaded = load(odd, "a");
            Claim failed = claim(odd, "b");
            ledger.fail(failed, "bad");
            List<JsonNode> notices = new ArrayList<>();
            ObjectMapper json = new ObjectMapper();

            await().until(
                            () -> {
                                for (PGNotification told : received(listener)) {
                                    assertThat(told.getName()).isEqualTo("citus_ingest");
                                    notices.add(json.readTree(told.getParameter()));
                                }
                                return notices.size() == 2;
                            });

            assertThat(notices.get(0))
                    .isEqualTo(
                            json.createObjectNode()
                                    .put("load", (int) loaded)
                                    .put("pipeline", odd)
                                    .put("state", "loaded")
                                    .put("rows", 0));
            assertThat(notices.get(1).get("state").asText()).isEqualTo("failed");
            assertThat(notices.get(1).get("load").asLong()).isEqualTo(failed.id());
        }
    }

    private static PGNotification[] received(Connection listener) throws SQLException {
        PGNotification[] told = listener.unwrap(PGConnection.class).getNotifications(100);
        return told == null ? new PGNotification[0] : told;
    }

    private Claim claim(String pipeline, String key) {
        return ((ClaimOutcome.Claimed) ledger.claimKey(pipeline, key)).claim();
    }

    private long load(String pipeline, String key) {
        Claim claim = claim(pipeline, key);
        assertThat(ledger.finishEmpty(claim)).isTrue();
        return claim.id();
    }

    private String summarize(String pipeline, String call) {
        return database.ask("SELECT citus_ingest.summarize('%s', '%s')".formatted(pipeline, call));
    }
}
