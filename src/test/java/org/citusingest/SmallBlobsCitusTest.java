package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small blobs that are loaded together into a distributed table, by each door. */
@Tag("citus")
class SmallBlobsCitusTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"shard", "coordinator"})
    void they_share_a_transaction_and_a_bad_one_is_left_out(String entry) {
        TestDatabase database = CITUS.database();
        String table = "item_" + entry;
        String pipeline = CITUS.schema() + "-" + entry;
        database.execute(
                "CREATE TABLE " + table + " (id int CHECK (id > 0), name text, _load_id bigint)",
                "SELECT create_distributed_table('" + table + "', 'id', shard_count => 8)");
        Workspace workspace = new Workspace(folder, database);
        CITUS.loader();
        CITUS.use(workspace);
        workspace.route(
                "items.camel.yaml",
                """
                - route:
                    id: %s
                    from:
                      uri: blobs:%s
                      parameters: { batchFiles: 500 }
                      steps:
                        - unmarshal: { custom: { ref: delimited } }
                        - to: { uri: "citus:%s.%s", parameters: { entry: %s } }
                """
                        .formatted(
                                pipeline,
                                workspace.container.getBlobContainerName(),
                                CITUS.schema(),
                                table,
                                entry));
        IntStream.range(0, 40)
                .forEach(
                        i ->
                                workspace.upload(
                                        "b%03d.csv".formatted(i),
                                        "id,name\n%d,a\n%d,b\n%d,c\n"
                                                .formatted(3 * i + 1, 3 * i + 2, 3 * i + 3)));
        workspace.upload("b025.csv", "id,name\n900,good\n-1,bad\n");

        Workspace.Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).contains("b025.csv").contains("row 2");
        String mine = " FROM citus_ingest.load WHERE pipeline = '" + pipeline + "'";
        assertThat(
                        database.rows(
                                "SELECT state, count(*), sum(rows_copied)"
                                        + mine
                                        + " GROUP BY 1 ORDER BY 1"))
                .containsExactly("failed|1|0", "loaded|39|117");
        assertThat(
                        database.rows(
                                "SELECT count(*), count(DISTINCT id), count(DISTINCT _load_id) FROM "
                                        + table))
                .containsExactly("117|117|39");
        // The halves that the bad one was not in.
        assertThat(
                        database.rows(
                                "SELECT count(DISTINCT finished_at) < 12"
                                        + mine
                                        + " AND state = 'loaded'"))
                .containsExactly("t");
        assertThat(
                        database.rows(
                                "SELECT sum(rows_copied) FROM citus_ingest.batch WHERE load_id IN (SELECT id"
                                        + mine
                                        + ")"))
                .containsExactly("117");

        workspace.upload("b025.csv", "id,name\n900,good\n901,mended\n");
        assertThat(workspace.run("load").code()).isZero();
        assertThat(database.count(table)).isEqualTo(119);
    }
}
