package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Test;

/** What is to be seen of pipelines as wholes. */
class PipelinesTest {
    private final TestDatabase database = TestDatabase.fresh();

    /** Loads of a pipeline, so many in each state, the oldest found an hour ago. */
    private void loads(String pipeline, String state, int count, String more) {
        database.execute(
                """
                INSERT INTO citus_ingest.load (pipeline, account, container, blob, etag, state, size_bytes,
                    found_at, finished_at, error %s)
                SELECT '%s', 'a', 'c', '%s' || i, '1', '%s', 10, now() - i * interval '1 minute',
                    CASE WHEN '%4$s' IN ('loaded', 'failed') THEN now() - i * interval '1 minute' END,
                    CASE '%4$s' WHEN 'failed' THEN 'error ' || i END %s
                FROM generate_series(1, %d) AS i
                """
                        .formatted(
                                more.isEmpty() ? "" : ", lease_until",
                                pipeline,
                                state,
                                state,
                                more,
                                count));
    }

    @Test
    void each_pipeline_has_what_waits_what_failed_and_what_was_last() {
        try (Ledger ledger = new Ledger(database.dataSource())) {
            ledger.install();
            loads("one", "waiting", 3, "");
            loads("one", "failed", 2, "");
            loads("one", "loaded", 4, "");
            loads("one", "skipped", 5, "");
            loads("other", "loading", 1, ", now() + interval '1 minute'");

            List<PipelineRecord> all = ledger.pipelines(List.of("one", "other", "none"));

            assertThat(all).hasSize(3);
            PipelineRecord one = all.get(0);
            assertThat(one.pipeline()).isEqualTo("one");
            assertThat(one.waiting()).isEqualTo(3);
            assertThat(one.waitingBytes()).isEqualTo(30);
            assertThat(one.failed()).isEqualTo(2);
            assertThat(one.lastError()).isEqualTo("error 1");
            assertThat(one.oldestSeconds()).isBetween(179.0, 240.0);
            assertThat(one.lastLoaded().toString())
                    .startsWith(
                            database.ask(
                                    "SELECT to_char(max(finished_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')"
                                            + " FROM citus_ingest.load WHERE state = 'loaded'"));
            assertThat(all.get(1).loading()).isEqualTo(1);
            assertThat(all.get(2)).isEqualTo(new PipelineRecord("none", 0, 0, 0, 0, 0, null, null));
        }
    }

    @Test
    void with_100000_loads_that_are_done_only_indexes_are_looked_into() {
        try (Ledger ledger = new Ledger(database.dataSource())) {
            ledger.install();
            loads("one", "loaded", 100_000, "");
            loads("one", "waiting", 10, "");
            loads("one", "failed", 10, "");
            database.execute("ANALYZE citus_ingest.load");

            String plan =
                    String.join(
                            "\n",
                            database.rows(
                                    "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) "
                                            + Pipelines.SQL.replace("?", "'{one}'")));

            assertThat(plan)
                    .contains("load_claimable", "load_ended")
                    .doesNotContain("Seq Scan on load");
            long pages =
                    java.util.regex.Pattern.compile("shared hit=(\\d+)")
                            .matcher(plan)
                            .results()
                            .findFirst()
                            .map(all -> Long.parseLong(all.group(1)))
                            .orElseThrow();
            assertThat(pages).as(plan).isLessThan(100);
        }
    }

    @Test
    void what_nobody_ends_is_stuck_after_a_while() {
        try (Ledger ledger = new Ledger(database.dataSource())) {
            ledger.install();
            loads("one", "loading", 1, ", now() - interval '5 minutes'");
            loads("other", "loading", 1, ", now() + interval '5 minutes'");
            loads("one", "loaded", 7, "");
            database.execute(
                    "UPDATE citus_ingest.load SET commit_xid = '1' WHERE state = 'loaded' AND blob IN ('loaded5', 'loaded7')");

            assertThat(ledger.stuck(Duration.ofMinutes(4))).isEqualTo(new StuckLoads(1, 2));
            assertThat(ledger.stuck(Duration.ofMinutes(6))).isEqualTo(new StuckLoads(0, 1));
        }
    }
}
