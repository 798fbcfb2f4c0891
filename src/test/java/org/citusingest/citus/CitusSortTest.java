package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.apache.camel.builder.RouteBuilder;
import org.citusingest.CitusServer;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads into a distributed table of a real Citus that has an index. */
@Tag("citus")
@Timeout(120)
class CitusSortTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();

    private static final int ROWS = 20_000;
    private static final int BATCH_BYTES = 50_000;
    private static final int ONE_BATCH = 2_000_000;

    @ParameterizedTest
    @ValueSource(strings = {"coordinator", "shard"})
    void every_shard_is_filled_in_the_order_of_its_index_and_no_row_is_lost(String entry) {
        TestDatabase database = CITUS.database();
        String table = "item_" + entry;
        database.execute(
                "CREATE TABLE %s (id int, site int, word text)".formatted(table),
                "SELECT create_distributed_table('%s', 'id', shard_count => 8)".formatted(table),
                "CREATE INDEX ON %s (site, id)".formatted(table));

        load(CITUS.loader(), table + "?entry=" + entry, "one batch", ONE_BATCH);

        assertThat(
                        database.rows(
                                "SELECT DISTINCT success, result FROM run_command_on_shards('%s', $$SELECT count(*) FROM (SELECT (site, id) < lag((site, id)) OVER (ORDER BY ctid) AS down FROM %%s) AS rows WHERE down$$)"
                                        .formatted(table)))
                .containsExactly("t|0");

        load(CITUS.loader(), table + "?entry=" + entry, "many batches", BATCH_BYTES);

        assertThat(
                        database.rows(
                                "SELECT count(*), count(DISTINCT id), count(DISTINCT (id, site, word)), sum(id) FROM %s WHERE word = 'w' || site"
                                        .formatted(table)))
                .containsExactly(
                        "%d|%d|%d|%d".formatted(2 * ROWS, ROWS, ROWS, (long) ROWS * (ROWS + 1)));
    }

    private static void load(TestDatabase database, String table, String key, int batchBytes) {
        Random random = new Random(11);
        RowStream rows =
                new RowStream(
                        "id,site,word",
                        ROWS,
                        id -> {
                            int site = random.nextInt(300);
                            return id + "," + site + ",w" + site;
                        });
        try (TestRoutes routes =
                TestRoutes.of(
                        database,
                        new RouteBuilder() {
                            @Override
                            public void configure() {
                                from("direct:load")
                                        .routeId(CITUS.schema() + table)
                                        .unmarshal(TestRoutes.delimited(batchBytes))
                                        .split(body())
                                        .streaming()
                                        .parallelProcessing()
                                        .executorService("copy")
                                        .aggregationStrategy("#loadResult")
                                        .to("citus:" + table);
                            }
                        })) {
            assertThat(routes.load("direct:load", key + " into " + table, rows).rowsCopied())
                    .isEqualTo(ROWS);
        }
    }
}
