package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
    @TempDir private Path folder;
    private Items items;

    @BeforeEach
    void newWorkspace() {
        items = new Items(new Workspace(folder), "maxRejects: 3, " + Items.ON_REMOVE);
    }

    private void loadWithTwoBadRows() {
        assertThat(items.load("a.csv", "id,name\n1,one\ntwo,two\n-3,three\n").code()).isZero();
        assertThat(items.rows()).containsExactly("1|one");
    }

    private Run replay(String... options) {
        String[] all = new String[options.length + 1];
        all[0] = "replay";
        System.arraycopy(options, 0, all, 1, options.length);
        return items.workspace.run("rejects", all);
    }

    private String file(String content) throws IOException {
        return Files.writeString(folder.resolve("fixed.csv"), content).toString();
    }

    private java.util.List<String> loads() {
        return items.workspace.loads("id, replay_of, state, rows_copied, rows_rejected");
    }

    @Test
    void corrected_rows_become_a_load_of_their_own_and_count_once_in_the_summary()
            throws Exception {
        loadWithTwoBadRows();

        Run run = replay("--load", "1", "--file", file("id,name\n2,two\n3,three\n"));

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .startsWith(
                        "items  loaded   "
                                + items.source("a.csv")
                                + " (replay of 1)  2 rows, 0 rejected");
        assertThat(items.rows()).containsExactly("1|one", "2|two", "3|three");
        assertThat(loads()).containsExactly("1|null|loaded|1|0", "2|1|loaded|2|0");
        assertThat(items.workspace.database.rows("SELECT DISTINCT _load_id FROM item ORDER BY 1"))
                .containsExactly("1", "2");
        items.summaryEqualsARecount();
        assertThat(items.ok("rejects")).isEqualTo("No rejected row\n");
        assertThat(items.ok("rejects", "--all")).contains("(taken up by load 2)");
        assertThat(items.ok("status")).contains("(replay of 1)");
        assertThat(items.ok("status", "--json")).contains("\"replayOf\":1");
    }

    @Test
    void a_second_replay_is_refused() throws Exception {
        loadWithTwoBadRows();
        String fixed = file("id,name\n2,two\n3,three\n");
        assertThat(replay("--load", "1", "--file", fixed).code()).isZero();

        assertThat(items.refused("rejects", "replay", "--load", "1", "--file", fixed))
                .isEqualTo(
                        "citus-ingest rejects replay: Load 1 of %s has no rejected row that is not in its table yet"
                                .formatted(items.source("a.csv")));
        assertThat(items.rows()).hasSize(3);
        assertThat(loads()).hasSize(2);
    }

    @Test
    void the_rows_as_they_are_are_loaded_once_the_table_takes_them() {
        items.load("a.csv", "id,name\n1,one\n-2,\"t\nwo\"\n-3,\"th\"\"ree\"\n");
        items.workspace.database.execute("ALTER TABLE item DROP CONSTRAINT item_id_check");

        assertThat(replay("--load", "1").code()).isZero();

        assertThat(items.rows()).containsExactly("-3|th\"ree", "-2|t\nwo", "1|one");
        items.summaryEqualsARecount();
    }

    @Test
    void a_gzipped_file_is_taken_too() throws Exception {
        loadWithTwoBadRows();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write("id,name\n2,two\n3,three\n".getBytes(StandardCharsets.UTF_8));
        }
        Path fixed = Files.write(folder.resolve("fixed.csv.gz"), bytes.toByteArray());

        assertThat(replay("--load", "1", "--file", fixed.toString()).code()).isZero();

        assertThat(items.rows()).hasSize(3);
    }

    @Test
    void a_row_that_is_still_bad_is_a_rejected_row_of_the_replay_which_can_be_replayed()
            throws Exception {
        loadWithTwoBadRows();

        assertThat(replay("--load", "1", "--file", file("id,name\n2,two\nx,three\n")).out())
                .contains("1 rows, 1 rejected");

        assertThat(loads()).containsExactly("1|null|loaded|1|0", "2|1|loaded|1|1");
        assertThat(items.ok("rejects")).startsWith("load 2, ").contains("x,three");
        assertThat(replay("--load", "2", "--file", file("id,name\n3,three\n")).code()).isZero();
        assertThat(items.rows()).containsExactly("1|one", "2|two", "3|three");
        items.summaryEqualsARecount();

        assertThat(items.ok("unload", "--load", "1")).contains("3 rows were taken out");
        assertThat(items.rows()).isEmpty();
        items.summaryEqualsARecount();
    }

    @Test
    void more_bad_rows_than_the_route_allows_fail_the_replay_which_can_be_tried_again()
            throws Exception {
        loadWithTwoBadRows();

        Run run = replay("--load", "1", "--file", file("id,name\n2,two\n" + "x,y\n".repeat(4)));

        assertThat(run.code()).isOne();
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.err())
                .contains("items  failed   ")
                .contains("(replay of 1)")
                .contains("maxRejects");
        assertThat(items.rows()).containsExactly("1|one");
        assertThat(loads().get(1)).startsWith("2|1|failed|0|");
        assertThat(replay("--load", "1", "--file", file("id,name\n2,two\n3,three\n")).code())
                .isZero();
        assertThat(items.rows()).hasSize(3);
        assertThat(loads()).containsExactly("1|null|loaded|1|0", "2|1|loaded|2|0");
        items.summaryEqualsARecount();
    }

    @Test
    void fewer_rows_than_were_rejected_are_loaded_with_a_word() throws Exception {
        loadWithTwoBadRows();

        Run run = replay("--load", "1", "--file", file("id,name\n2,two\n"));

        assertThat(run.code()).isZero();
        assertThat(run.err())
                .contains("had 2 rejected rows and the replay has 1")
                .contains("citus-ingest rejects --all --load 1");
    }

    @Test
    void a_failed_load_an_unknown_one_and_a_file_that_is_not_there_are_refused() throws Exception {
        items.load("a.csv", "id,name\n1,one\n" + "x,y\n".repeat(4));
        items.load("b.csv", "id,name\nx,one\n");

        assertThat(items.refused("rejects", "replay", "--load", "1"))
                .contains(
                        "is failed: only rejected rows of a loaded one can be replayed; reload it");
        assertThat(items.refused("rejects", "replay", "--load", "9"))
                .contains("There is no load 9");
        assertThat(
                        items.refused(
                                "rejects", "replay", "--load", "2", "--file", folder + "/none.csv"))
                .contains("none.csv cannot be read: nothing was done");
        assertThat(items.refused("rejects", "replay", "--load", "2", "--file", file("")))
                .contains("fixed.csv is empty");
        assertThat(items.workspace.run("rejects", "replay").code()).isEqualTo(2);
        assertThat(loads()).hasSize(2);
    }

    @Test
    void needs_the_route_but_no_storage() throws Exception {
        loadWithTwoBadRows();
        items.workspace.set("storage.connection-string", "");
        Path route = items.workspace.routes.resolve("items.camel.yaml");
        String yaml = Files.readString(route);
        Files.delete(route);
        String fixed = file("id,name\n2,two\n3,three\n");
        assertThat(items.refused("rejects", "replay", "--load", "1", "--file", fixed))
                .contains("There is no route items in " + items.workspace.routes)
                .contains("nothing was done");
        assertThat(loads()).hasSize(1);

        Files.writeString(route, yaml);

        assertThat(replay("--load", "1", "--file", fixed).code()).isZero();
        assertThat(items.rows()).hasSize(3);
    }

    @Test
    void a_summary_that_fails_after_the_rows_are_in_is_told() throws Exception {
        loadWithTwoBadRows();
        items.workspace.database.execute("DROP FUNCTION rollup_items");

        Run run = replay("--load", "1", "--file", file("id,name\n2,two\n3,three\n"));

        assertThat(run.code()).isOne();
        assertThat(run.out()).contains("2 rows, 0 rejected");
        assertThat(run.err()).contains("load 2").contains("is loaded, but a step after it failed");
        assertThat(items.rows()).hasSize(3);
    }

    @Test
    void the_rows_go_through_the_routes_that_the_route_hands_on_to() throws Exception {
        loadWithTwoBadRows();
        items.workspace.route(
                "items.camel.yaml",
                """
                - route:
                    id: items
                    from:
                      uri: blobs:%s
                      steps:
                        - to: direct:copy
                - route:
                    id: copy
                    from:
                      uri: direct:copy
                      steps:
                        - unmarshal: { custom: { ref: delimited } }
                        - to:
                            uri: citus:item
                            parameters: { %s }
                """
                        .formatted(
                                items.workspace.container.getBlobContainerName(), Items.ON_REMOVE));

        assertThat(replay("--load", "1", "--file", file("id,name\n2,two\n3,three\n")).code())
                .isZero();

        assertThat(items.rows()).hasSize(3);
        assertThat(items.ok("unload", "--load", "1")).contains("3 rows were taken out");
        assertThat(items.workspace.database.rows("SELECT * FROM item_name"))
                .containsExactly("one|0");
    }

    @Test
    void rows_of_a_source_that_is_no_blob_are_replayed_too() throws Exception {
        Path incoming = Files.createDirectory(folder.resolve("incoming"));
        items.workspace.route(
                "drop.camel.yaml",
                """
                - route:
                    id: drop
                    from:
                      uri: file:%s
                      steps:
                        - setHeader: { name: CamelCitusLoadKey, simple: "${header.CamelFileName}" }
                        - unmarshal: { custom: { ref: delimited } }
                        - to: citus:item?maxRejects=1
                """
                        .formatted(incoming));
        Files.writeString(incoming.resolve("one.csv"), "id,name\n1,one\nx,two\n");
        assertThat(items.workspace.run("load", "--only", "drop").code()).isZero();
        Path other = Files.writeString(incoming.resolve("other.csv"), "id,name\n9,nine\n");

        assertThat(replay("--load", "1", "--file", file("id,name\n2,two\n")).code()).isZero();

        assertThat(items.rows()).containsExactly("1|one", "2|two");
        assertThat(items.workspace.loads("blob, replay_of"))
                .containsExactly("one.csv|null", "one.csv|1");
        assertThat(other).exists();
    }
}
