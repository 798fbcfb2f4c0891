package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small blobs that are claimed and loaded together, by the option {@code batchFiles}. */
class SmallBlobsTest {
    private static final String WHOLE =
            """
            - to: { uri: "citus:item", parameters: { %s } }
            """;
    private static final String SPLIT =
            """
            - split:
                simple: "${body}"
                streaming: true
                parallelProcessing: true
                executorService: copy
                aggregationStrategy: "#loadResult"
                steps:
                  - to: { uri: "citus:item", parameters: { %s } }
            """;

    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder);
        workspace.database.execute(
                "CREATE TABLE item (id int CHECK (id > 0), name text, _load_id bigint)",
                "CREATE TABLE summary_run (loads text)",
                """
                CREATE FUNCTION note_run() RETURNS void LANGUAGE sql AS $$
                    INSERT INTO summary_run VALUES (current_setting('citus_ingest.load_ids'))
                $$
                """);
    }

    private void route(String blobs, String steps, String citus) {
        String head =
                """
                - route:
                    id: items
                    from:
                      uri: "blobs:%s"
                      parameters: { %s }
                      steps:
                """
                        .formatted(workspace.container.getBlobContainerName(), blobs);
        String summary =
                """
                - setBody:
                    constant: "SELECT citus_ingest.summarize('items', 'SELECT note_run()')"
                - to: jdbc:citus
                """;
        String unmarshal = "- unmarshal: { custom: { ref: delimited } }\n";
        workspace.route(
                "items.camel.yaml",
                head + (unmarshal + steps.formatted(citus) + summary).indent(8));
    }

    private void upload(int blobs) {
        IntStream.range(0, blobs)
                .forEach(
                        i ->
                                workspace.upload(
                                        "b%03d.csv".formatted(i),
                                        "id,name\n%d,first of %d\n%d,second\n"
                                                .formatted(2 * i + 1, i, 2 * i + 2)));
    }

    /** How many rows each transaction has published. */
    private List<String> transactions() {
        return workspace.database.rows(
                "SELECT sum(rows_copied) FROM citus_ingest.load WHERE state = 'loaded' GROUP BY finished_at ORDER BY min(id)");
    }

    @ParameterizedTest
    @ValueSource(strings = {WHOLE, SPLIT})
    void they_share_a_transaction_and_a_summary_and_each_has_its_load(String steps) {
        route("batchFiles: 10", steps, "publish: load");
        upload(25);

        Workspace.Run run = workspace.run("load");

        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(transactions()).containsExactly("20", "20", "10");
        assertThat(workspace.loads("state, attempts, rows_copied, rows_rejected"))
                .hasSize(25)
                .containsOnly("loaded|1|2|0");
        // Whose rows they are is right for each of them.
        assertThat(
                        workspace.database.rows(
                                "SELECT count(*) FROM item JOIN citus_ingest.load ON load.id = _load_id"
                                        + " WHERE blob = 'b' || to_char((item.id - 1) / 2, 'FM000') || '.csv'"))
                .containsExactly("50");
        assertThat(
                        workspace.database.rows(
                                "SELECT count(*) FROM citus_ingest.batch WHERE rows_copied = 2 AND range_from = 0"))
                .containsExactly("25");
        assertThat(
                        workspace.database.rows(
                                "SELECT cardinality(string_to_array(loads, ',')) FROM summary_run ORDER BY ctid"))
                .containsExactly("10", "10", "5");
        assertThat(run.out()).contains("total: 25 loads, 50 rows");

        assertThat(workspace.run("load").code()).isZero();
        assertThat(workspace.database.count("item")).isEqualTo(50);
    }

    @Test
    void no_more_bytes_are_claimed_together_than_may_be_and_a_large_blob_comes_alone() {
        route("batchFiles: 100, batchBytes: 100", WHOLE, "publish: load");
        String rows = "id,name\n" + "1,abcdefgh\n".repeat(3);
        workspace.upload("a.csv", rows);
        workspace.upload("b.csv", rows);
        workspace.upload("c.csv", rows);
        workspace.upload("d.csv", "id,name\n" + "2,abcdefgh\n".repeat(50));
        workspace.upload("e.csv", rows);

        assertThat(workspace.run("load").code()).isZero();

        assertThat(
                        workspace.database.rows(
                                "SELECT count(*) FROM item GROUP BY xmin::text ORDER BY min(_load_id)"))
                .containsExactly("6", "3", "50", "3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id,name\nx,not a number\n",
                "id,name\n-1,refused by a constraint\n",
                "id,name\n1,\"never closed\n",
                "id,name,more\n1,a,b\n",
                "id,name\n1,too,many\n"
            })
    void a_bad_one_fails_alone_and_says_why_as_it_would_by_itself(String bad) {
        route("batchFiles: 50", WHOLE, "publish: load");
        upload(40);
        workspace.upload("b017.csv", bad);

        Workspace.Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(
                        workspace.database.rows(
                                "SELECT blob FROM citus_ingest.load WHERE state = 'failed'"))
                .containsExactly("b017.csv");
        assertThat(
                        workspace.database.count(
                                "citus_ingest.load WHERE state = 'loaded' AND rows_copied = 2"))
                .isEqualTo(39);
        assertThat(workspace.database.count("item")).isEqualTo(78);
        List<String> errors =
                workspace.database.rows(
                        "SELECT error FROM citus_ingest.load WHERE error IS NOT NULL");

        // By itself.
        workspace.database.execute("DROP SCHEMA citus_ingest CASCADE", "TRUNCATE item");
        route("batchFiles: 1", WHOLE, "publish: load");
        workspace.run("load");
        assertThat(errors)
                .isEqualTo(
                        workspace.database.rows(
                                "SELECT error FROM citus_ingest.load WHERE error IS NOT NULL"));
        assertThat(workspace.database.count("item")).isEqualTo(78);
    }

    @Test
    void rejected_rows_are_kept_with_the_load_that_they_are_of() {
        route("batchFiles: 50", WHOLE, "maxRejects: 1");
        upload(10);
        workspace.upload("b003.csv", "id,name\n7,good\nx,bad\n8,good\n");
        workspace.upload("b005.csv", "id,name\n-1,bad\n12,good\n");

        assertThat(workspace.run("load").code()).isZero();

        assertThat(transactions()).containsExactly("19");
        assertThat(
                        workspace.database.rows(
                                "SELECT blob, rows_copied, rows_rejected FROM citus_ingest.load WHERE rows_rejected > 0 ORDER BY 1"))
                .containsExactly("b003.csv|2|1", "b005.csv|1|1");
        assertThat(
                        workspace.database.rows(
                                "SELECT load.blob, row_number, convert_from(raw, 'UTF8') FROM citus_ingest.reject"
                                        + " JOIN citus_ingest.load ON load.id = load_id ORDER BY 1"))
                .containsExactly("b003.csv|2|x,bad", "b005.csv|1|-1,bad");
    }

    @Test
    void one_that_is_gone_is_skipped_and_the_others_are_loaded() {
        route("batchFiles: 50", WHOLE, "publish: batch");
        upload(6);
        assertThat(workspace.run("load").code()).isZero();
        workspace.database.execute(
                "UPDATE citus_ingest.load SET state = 'waiting', attempts = 0, etag = CASE blob WHEN 'b002.csv' THEN '0xGONE' ELSE etag END",
                "DELETE FROM citus_ingest.batch",
                "TRUNCATE item");
        workspace.container.getBlobClient("b002.csv").delete();

        assertThat(workspace.run("load").code()).isZero();

        assertThat(
                        workspace.database.rows(
                                "SELECT state, count(*) FROM citus_ingest.load GROUP BY 1 ORDER BY 1"))
                .containsExactly("loaded|5", "skipped|1");
        assertThat(workspace.database.count("item")).isEqualTo(10);
    }

    @Test
    void a_file_may_have_other_columns_than_the_one_before_it_or_none() {
        route("batchFiles: 50", WHOLE, "publish: load");
        workspace.upload("a.csv", "id,name\n1,one\n");
        workspace.upload("b.csv", "name,id\ntwo,2\n");
        workspace.upload("c.csv", "id,name\n");
        workspace.upload("blank.csv", "\n\n");
        workspace.upload("d.csv", "ID,NAME\n4,four\n");

        Workspace.Run run = workspace.run("load");

        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(workspace.database.rows("SELECT id, name FROM item ORDER BY 1"))
                .containsExactly("1|one", "2|two", "4|four");
        assertThat(workspace.loads("state, rows_copied"))
                .containsExactly("loaded|1", "loaded|1", "loaded|0", "loaded|0", "loaded|1");
        assertThat(transactions()).as("none fails and is loaded again").containsExactly("3");
    }

    @Test
    void versions_of_one_blob_are_not_claimed_together_nor_what_was_tried_before() {
        route("batchFiles: 50", WHOLE, "publish: load");
        upload(4);
        assertThat(workspace.run("load").code()).isZero();
        workspace.database.execute(
                "INSERT INTO citus_ingest.load (pipeline, account, container, blob, etag, size_bytes, state)"
                        + " SELECT pipeline, account, container, blob, 'older', size_bytes, 'waiting' FROM citus_ingest.load WHERE blob = 'b001.csv'",
                "UPDATE citus_ingest.load SET state = 'waiting', attempts = CASE blob WHEN 'b003.csv' THEN 1 ELSE 0 END",
                "DELETE FROM citus_ingest.batch",
                "TRUNCATE item");

        workspace.run("load");

        assertThat(transactions()).containsExactly("6", "2");
        assertThat(workspace.database.rows("SELECT blob, state FROM citus_ingest.load ORDER BY id"))
                .containsExactly(
                        "b000.csv|loaded",
                        "b001.csv|loaded",
                        "b002.csv|loaded",
                        "b003.csv|loaded",
                        "b001.csv|skipped");
    }

    @Test
    void a_summary_that_fails_is_noted_with_all_of_them_and_counted_once() {
        route("batchFiles: 50", WHOLE, "publish: load");
        upload(5);
        workspace.database.execute(
                "CREATE OR REPLACE FUNCTION note_run() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$");

        workspace.run("load");

        assertThat(
                        workspace.database.count(
                                "citus_ingest.load WHERE state = 'loaded' AND error LIKE '%no%'"))
                .isEqualTo(5);
        assertThat(workspace.database.ask("SELECT failures FROM citus_ingest.summary"))
                .isIn("1", "2");
        assertThat(workspace.database.count("item")).isEqualTo(10);
    }

    @Test
    void a_step_that_takes_one_blob_gets_them_one_by_one() {
        workspace.route(
                "items.camel.yaml",
                """
                - route:
                    id: items
                    from:
                      uri: "blobs:%s"
                      parameters: { batchFiles: 5 }
                      steps:
                        - convertBodyTo: { type: java.io.InputStream }
                        - to: "citus:item"
                """
                        .formatted(workspace.container.getBlobContainerName()));
        upload(3);

        Workspace.Run run = workspace.run("load");

        // Together they cannot be; each by itself can.
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(workspace.database.count("item")).isEqualTo(6);
        assertThat(transactions()).hasSize(3);
    }
}
