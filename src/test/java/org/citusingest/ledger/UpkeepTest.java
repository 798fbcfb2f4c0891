package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The summaries that are made later than their route would have made them. */
class UpkeepTest {
    private static final String CALL = "SELECT citus_ingest.summarize('p', 'SELECT rollup()')";

    private final TestDatabase database = TestDatabase.fresh();
    private final Blobs blobs = new Blobs(database, "p");

    @BeforeEach
    void createTables() {
        database.execute(
                "CREATE TABLE item (id int, _load_id bigint)",
                "CREATE TABLE calls (ids text)",
                "CREATE FUNCTION rollup() RETURNS void LANGUAGE sql AS"
                        + " $$ INSERT INTO calls VALUES (current_setting('citus_ingest.load_ids')) $$",
                "CREATE PROCEDURE roll(ids text) LANGUAGE plpgsql AS"
                        + " $$ BEGIN INSERT INTO calls VALUES (ids); COMMIT; END $$");
    }

    @Test
    void a_summary_whose_first_call_never_arrived_is_made_by_the_upkeep() throws Exception {
        Claim claim = blobs.load("x", "1", Overwrite.append, 1);
        blobs.ledger.upkeep();
        assertThat(database.count("calls")).isZero();

        blobs.ledger.noteAfterLoad(claim, "connection reset", Optional.of(CALL));
        assertThat(blobs.loads()).containsExactly("1|loaded|1|0|connection reset");
        blobs.ledger.upkeep();
        assertThat(database.count("calls")).isZero();
        due();
        blobs.ledger.upkeep();
        blobs.ledger.upkeep();

        assertThat(database.rows("SELECT * FROM calls")).containsExactly("" + claim.id());
        assertThat(blobs.loads()).containsExactly("1|loaded|1|0|null");
    }

    @Test
    void another_statement_is_not_run_by_the_upkeep() throws Exception {
        Claim claim = blobs.load("x", "1", Overwrite.append, 1);

        blobs.ledger.noteAfterLoad(claim, "bad", Optional.of("DELETE FROM item"));

        assertThat(database.count("citus_ingest.summary")).isZero();
    }

    @Test
    void a_summary_that_keeps_failing_is_tried_ever_later() throws Exception {
        blobs.load("x", "1", Overwrite.append, 1);
        assertThat(blobs.summarize("SELECT 1 / (SELECT count(*) FROM calls)")).isEqualTo("-1");

        due();
        blobs.ledger.upkeep();
        blobs.ledger.upkeep();
        assertThat(summary()).isEqualTo("2|00:00:10");
        database.execute("UPDATE citus_ingest.summary SET failures = 50");
        due();
        blobs.ledger.upkeep();
        assertThat(summary()).isEqualTo("51|00:10:00");
        database.execute("INSERT INTO calls VALUES ('')");
        due();
        blobs.ledger.upkeep();

        assertThat(summary()).isEqualTo("0|null");
        assertThat(blobs.loads()).containsExactly("1|loaded|1|0|null");
    }

    @Test
    void a_statement_that_does_not_summarize_its_pipeline_is_not_run_over_and_over()
            throws Exception {
        Claim claim = blobs.load("x", "1", Overwrite.append, 1);
        blobs.ledger.noteAfterLoad(
                claim, "bad", Optional.of("SELECT citus_ingest.summarize('q', 'SELECT 1')"));
        due();

        blobs.ledger.upkeep();
        blobs.ledger.upkeep();

        assertThat(summary()).isEqualTo("2|00:00:10");
    }

    @Test
    void eight_processes_that_look_after_the_ledger_summarize_each_load_once() throws Exception {
        blobs.summarize("SELECT rollup()");
        for (int i = 0; i < 20; i++) {
            blobs.load("x" + i, "1", Overwrite.append, 1);
        }

        Together.run(
                8,
                thread -> {
                    try (Ledger one = new Ledger(database.dataSource())) {
                        one.upkeep();
                    }
                });

        assertThat(
                        database.rows(
                                "SELECT count(*), count(DISTINCT id) FROM calls, unnest(string_to_array(ids, ',')) AS id"))
                .containsExactly("20|20");
    }

    @Test
    void a_procedure_that_commits_by_itself_is_called_again_with_the_same_loads_after_a_crash()
            throws Exception {
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getRegistry().bind("citus", database.dataSource());
            context.addRoutes(
                    new RouteBuilder() {
                        @Override
                        public void configure() {
                            from("direct:summary")
                                    .setBody(
                                            constant(
                                                    "SELECT citus_ingest.summary_due('p', :?again::interval) AS ids"))
                                    .to(
                                            "jdbc:citus?useHeadersAsParameters=true&outputType=SelectOne")
                                    .filter(body().isNotNull())
                                    .setHeader("ids", body())
                                    .setBody(constant("CALL roll(:?ids)"))
                                    .to(
                                            "jdbc:citus?useHeadersAsParameters=true&resetAutoCommit=false")
                                    .filter(header("crash").isEqualTo(false))
                                    .setBody(
                                            constant(
                                                    "SELECT citus_ingest.summary_done('p', :?ids)"))
                                    .to("jdbc:citus?useHeadersAsParameters=true");
                        }
                    });
            context.start();
            ProducerTemplate template = context.createProducerTemplate();
            blobs.load("x", "1", Overwrite.append, 1);
            blobs.load("y", "1", Overwrite.append, 1);

            summary(template, "0 s", true);
            blobs.load("z", "1", Overwrite.append, 1);
            summary(template, "1 h", false);
            summary(template, "1 h", true);
            // Whoever got the third load has an hour to say that it is done.
            summary(template, "1 h", false);
        }
        assertThat(database.rows("SELECT ids FROM calls")).containsExactly("1,2", "1,2", "3");
        assertThat(
                        database.rows(
                                "SELECT id FROM citus_ingest.load WHERE summarized_at IS NOT NULL ORDER BY id"))
                .containsExactly("1", "2");
        assertThat(database.rows("SELECT due FROM citus_ingest.summary")).isEqualTo(List.of("3"));
    }

    private static void summary(ProducerTemplate template, String again, boolean crash) {
        template.requestBodyAndHeaders(
                "direct:summary", "", Map.<String, Object>of("again", again, "crash", crash));
    }

    private void due() {
        database.execute("UPDATE citus_ingest.summary SET next_at = now()");
    }

    private String summary() {
        return database.rows(
                        "SELECT failures, next_at - last_at FROM citus_ingest.summary WHERE pipeline = 'p'")
                .get(0);
    }
}
