package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadCommandTest {
    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder).items();
    }

    @Test
    void prints_a_line_for_each_load_and_the_total_and_adds_nothing_when_it_is_run_again() {
        workspace.upload("items/a.csv", "id,name\n1,one\n2,two\n");
        workspace.upload("items/b.csv", "id,name\n3,three\n");

        Run first = workspace.run("load");

        assertThat(first.err()).isEmpty();
        assertThat(first.code()).isZero();
        String source = workspace.container.getBlobContainerName() + "/items/";
        assertThat(first.lines()).hasSize(3);
        assertThat(first.lines().get(0))
                .matches(
                        "items  loaded   "
                                + source
                                + "a\\.csv  2 rows, 0 rejected, 20 B, \\d+\\.\\d s, \\d+ rows/s");
        assertThat(first.lines().get(1)).startsWith("items  loaded   " + source + "b.csv  1 rows,");
        assertThat(first.lines().get(2))
                .matches("total: 2 loads, 3 rows, 0 rejected, 0 failed, 36 B, \\d+\\.\\d s");
        assertThat(workspace.itemRows()).containsExactly("1|one", "2|two", "3|three");
        assertThat(workspace.loads("state, attempts, rows_copied"))
                .containsExactly("loaded|1|2", "loaded|1|1");

        Run second = workspace.run("load");

        assertThat(second.code()).isZero();
        assertThat(second.lines()).hasSize(1);
        assertThat(second.out()).startsWith("total: 0 loads, 0 rows,");
        assertThat(workspace.itemRows()).hasSize(3);
    }

    @Test
    void a_blob_that_changed_is_a_new_load() {
        workspace.upload("items/a.csv", "id,name\n1,one\n").run("load");
        workspace.upload("items/a.csv", "id,name\n1,one\n2,two\n");

        assertThat(workspace.run("load").out()).contains("  2 rows,").contains("total: 1 loads");
        assertThat(workspace.itemRows()).containsExactly("1|one", "1|one", "2|two");
    }

    @Test
    void prints_json_that_programs_can_read() throws Exception {
        workspace.upload("items/a.csv", "id,name\n1,one\n");

        Run run = workspace.run("load", "--json");

        assertThat(run.lines()).hasSize(2);
        JsonNode load = new ObjectMapper().readTree(run.lines().get(0));
        assertThat(load.get("pipeline").asText()).isEqualTo("items");
        assertThat(load.get("state").asText()).isEqualTo("loaded");
        assertThat(load.get("rowsCopied").asLong()).isEqualTo(1);
        assertThat(load.get("bytes").asLong()).isEqualTo(14);
        assertThat(load.get("finishedAt").asText()).endsWith("Z");
        assertThat(load.get("error").isNull()).isTrue();
        JsonNode total = new ObjectMapper().readTree(run.lines().get(1)).get("total");
        assertThat(total.get("loads").asInt()).isEqualTo(1);
        assertThat(total.get("failed").asInt()).isZero();
    }

    @Test
    void runs_one_route_only_when_asked() {
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        workspace.upload("others/b.csv", "id,name\n2,two\n");
        workspace.route(
                "others.camel.yaml",
                workspace
                        .itemsRoute("")
                        .replace("routeId: items", "routeId: others")
                        .replace("items/**", "others/**"));

        Run run = workspace.run("load", "--only", "others");

        assertThat(run.code()).isZero();
        assertThat(workspace.itemRows()).containsExactly("2|two");
        assertThat(workspace.loads("pipeline, blob")).containsExactly("others|others/b.csv");
    }

    @Test
    void an_unknown_route_is_an_error_that_names_the_known_ones() {
        Run run = workspace.run("load", "--only", "itmes");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .contains("There is no route itmes in " + workspace.routes)
                .endsWith("it has: [items]");
    }

    @Test
    void a_bad_file_fails_alone_and_is_tried_again_by_the_next_run() {
        workspace.upload("items/bad.csv", "id,name\n1,one\n-2,minus\n");
        workspace.upload("items/good.csv", "id,name\n3,three\n");

        Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.lines()).hasSize(3);
        assertThat(run.lines().get(0))
                .startsWith(
                        "items  failed   "
                                + workspace.container.getBlobContainerName()
                                + "/items/bad.csv")
                .contains("row 2")
                .contains("23514")
                .contains("Nothing of this load is in");
        assertThat(run.lines().get(2)).startsWith("total: 1 loads, 1 rows, 0 rejected, 1 failed,");
        assertThat(workspace.itemRows()).containsExactly("3|three");

        workspace.database.execute("ALTER TABLE item DROP CONSTRAINT item_id_check");
        Run again = workspace.run("load");

        assertThat(again.code()).isZero();
        assertThat(again.out()).contains("total: 1 loads, 2 rows, 0 rejected, 0 failed,");
        assertThat(workspace.itemRows()).containsExactly("-2|minus", "1|one", "3|three");
    }

    @Test
    void a_summary_that_fails_leaves_the_load_and_is_made_up_for_by_the_next_one() {
        workspace.database.execute(
                """
                CREATE TABLE item_count (items bigint);
                CREATE FUNCTION roll_items() RETURNS void LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'no summary today'; END $$
                """);
        workspace.route(
                "items.camel.yaml",
                workspace.itemsRoute(
                        "      - { name: summary, value: \"SELECT roll_items()\" }\n"));
        workspace.upload("items/a.csv", "id,name\n1,one\n");

        Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).contains("items  loaded ").contains("total: 1 loads, 1 rows");
        assertThat(run.err())
                .contains("/items/a.csv is loaded, but a step after it failed:")
                .contains("no summary today");
        assertThat(workspace.itemRows()).containsExactly("1|one");
        assertThat(workspace.loads("state, summarized_at IS NULL")).containsExactly("loaded|t");

        workspace.database.execute(
                """
                CREATE OR REPLACE FUNCTION roll_items() RETURNS void LANGUAGE sql AS
                    $$ INSERT INTO item_count SELECT count(*) FROM item WHERE _load_id = ANY
                       (string_to_array(current_setting('citus_ingest.load_ids'), ',')::bigint[]) $$
                """);
        workspace.upload("items/b.csv", "id,name\n2,two\n");

        assertThat(workspace.run("load").code()).isZero();
        assertThat(workspace.database.rows("SELECT items FROM item_count")).containsExactly("2");
        assertThat(workspace.loads("state, summarized_at IS NULL, error"))
                .containsExactly("loaded|f|null", "loaded|f|null");
    }

    @Test
    void a_broken_route_file_is_named_and_the_others_are_loaded() {
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        Path broken = workspace.route("broken.camel.yaml", "- route:\n    id: x\n    nothing: y\n");

        Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .isEqualTo(broken + ":2:5: Unsupported field: nothing");
        assertThat(workspace.itemRows()).containsExactly("1|one");
    }

    @Test
    void a_container_that_is_missing_is_named_with_its_route() {
        workspace.route(
                "items.camel.yaml",
                workspace
                        .itemsRoute("")
                        .replace(workspace.container.getBlobContainerName(), "not-there"));

        Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines())
                .containsExactly(
                        "items: There is no container not-there in this storage account: create it, or name another in blobs:not-there");
        assertThat(run.out()).startsWith("total: 0 loads");
    }
}
