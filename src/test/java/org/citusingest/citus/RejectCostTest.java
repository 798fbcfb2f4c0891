package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Test;

/** What a bad row in a hundred costs: the file against the same one without, in turns. */
class RejectCostTest {
    private static final int ROWS = 1_000_000;
    private static final int ROUNDS = 7;

    private final TestDatabase database = TestDatabase.fresh();

    @Test
    void one_bad_value_in_a_hundred_rows_costs_less_than_half_of_the_time_again() {
        assumeTrue(
                Boolean.getBoolean("costs"),
                "Measures, which needs a quiet machine: run it with -Dcosts=true");
        database.execute(
                "CREATE TABLE http_request (site_id int NOT NULL, ingest_time timestamptz, url text,"
                        + " status_code int, response_time_msec int, _load_id bigint)");
        byte[] clean = file(0);
        byte[] bad = file(100);
        double[] ratios = new double[ROUNDS];
        try (TestRoutes routes =
                TestRoutes.of(
                        database, TestRoutes.split(8 << 20, "http_request?maxRejects=100%25"))) {
            seconds(routes, "warm clean", clean);
            seconds(routes, "warm bad", bad);
            for (int i = 0; i < ROUNDS; i++) {
                double without = seconds(routes, "clean " + i, clean);
                ratios[i] = seconds(routes, "bad " + i, bad) / without;
            }
        }
        Arrays.sort(ratios);
        assertThat(ratios[ROUNDS / 2]).as("median of %s", Arrays.toString(ratios)).isLessThan(1.5);
        assertThat(database.count("citus_ingest.reject")).isEqualTo((ROUNDS + 1L) * ROWS / 100);
        System.err.printf("bad to clean, sorted: %s%n", Arrays.toString(ratios));
    }

    private double seconds(TestRoutes routes, String key, byte[] file) {
        database.execute("TRUNCATE http_request");
        long start = System.nanoTime();
        routes.load("direct:split", key, file);
        return (System.nanoTime() - start) / 1e9;
    }

    private static byte[] file(int every) {
        StringBuilder rows =
                new StringBuilder("site_id,ingest_time,url,status_code,response_time_msec\n");
        for (int i = 1; i <= ROWS; i++) {
            rows.append(every > 0 && i % every == 0 ? "x" : "").append(i % 10_000);
            rows.append(",2026-11-01T10:%02d:%02dZ".formatted(i / 60 % 60, i % 60));
            rows.append(",http://example.com/").append(i).append(",200,").append(i % 500);
            rows.append('\n');
        }
        return rows.toString().getBytes(UTF_8);
    }
}
