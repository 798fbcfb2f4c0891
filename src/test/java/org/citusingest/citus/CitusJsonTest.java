package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.builder.RouteBuilder;
import org.citusingest.CitusServer;
import org.citusingest.TestDatabase;
import org.citusingest.rows.json.JsonLinesDataFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads of JSON into a distributed table of a real Citus. */
@Tag("citus")
@Timeout(120)
class CitusJsonTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();

    private static final int ROWS = 20_000;

    @ParameterizedTest
    @ValueSource(strings = {"coordinator", "shard"})
    void batches_whose_keys_differ_are_one_load_and_a_bad_row_is_told(String entry) {
        TestDatabase database = CITUS.database();
        String table = "record_" + entry;
        database.execute(
                "CREATE TABLE %s (id int, late int, doc jsonb)".formatted(table),
                "SELECT create_distributed_table('%s', 'id', shard_count => 8)".formatted(table));
        StringBuilder lines = new StringBuilder();
        for (int id = 1; id <= ROWS; id++) {
            lines.append("{\"id\":").append(id);
            if (id == 700) {
                lines.append(",\"doc\":{\"x\":\"\\u0000\"}");
            } else if (id % 3 == 0) {
                lines.append(",\"doc\":\"d").append(id).append('"');
            }
            lines.append(id > ROWS / 2 ? ",\"late\":1}\n" : id == 900 ? "\n" : "}\n");
        }
        JsonLinesDataFormat format = new JsonLinesDataFormat();
        format.setBatchBytes(30_000);
        String uri = "citus:" + table + "?maxRejects=5&onMissingColumn=null&entry=" + entry;
        try (TestRoutes routes =
                TestRoutes.of(
                        CITUS.loader(),
                        new RouteBuilder() {
                            @Override
                            public void configure() {
                                from("direct:load")
                                        .routeId(CITUS.schema() + table)
                                        .unmarshal(format)
                                        .split(body())
                                        .streaming()
                                        .parallelProcessing()
                                        .executorService("copy")
                                        .aggregationStrategy("#loadResult")
                                        .to(uri);
                            }
                        })) {
            LoadTotals totals =
                    routes.load("direct:load", "into " + table, lines.toString().getBytes(UTF_8));
            assertThat(totals.rowsCopied()).isEqualTo(ROWS - 2);
            assertThat(totals.rowsRejected()).isEqualTo(2);
        }

        assertThat(
                        database.ask(
                                "SELECT count(*), count(DISTINCT id), sum(late), count(doc), min(doc #>> '{}') FROM "
                                        + table))
                .isEqualTo(
                        "%d|%d|%d|%d|d10002".formatted(ROWS - 2, ROWS - 2, ROWS / 2, ROWS / 3 - 1));
    }
}
