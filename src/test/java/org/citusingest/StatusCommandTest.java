package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusCommandTest {
    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder).items();
    }

    private void load() {
        workspace.upload("items/a.csv", "id,name\n1,one\n2,two\n");
        workspace.upload("items/b.csv", "id,name\nthree,three\n");
        workspace.run("load");
    }

    @Test
    void says_that_there_is_no_load_yet_and_writes_nothing() {
        Run run = workspace.run("status");

        assertThat(run.code()).isZero();
        assertThat(run.lines()).containsExactly("No load yet");
        assertThat(workspace.run("status", "--json").lines()).containsExactly("[]");
        assertThat(workspace.database.ask("SELECT to_regnamespace('citus_ingest')"))
                .isEqualTo("null");
    }

    @Test
    void shows_the_newest_load_first_with_its_error_below() {
        load();

        Run run = workspace.run("status");

        assertThat(run.code()).isZero();
        assertThat(run.lines()).hasSize(5);
        assertThat(run.lines().get(0)).isEqualTo("items");
        assertThat(run.lines().get(1)).contains("load").contains("rows/s").contains("source");
        assertThat(run.lines().get(2)).contains(" failed ").endsWith("/items/b.csv");
        assertThat(run.lines().get(3)).contains("row 1, column id").contains("22P02");
        assertThat(run.lines().get(4)).contains(" loaded ").endsWith("/items/a.csv");
    }

    @Test
    void prints_json_that_programs_can_read() throws Exception {
        load();

        JsonNode loads = new ObjectMapper().readTree(workspace.run("status", "--json").out());

        assertThat(loads.size()).isEqualTo(2);
        assertThat(loads.get(0).get("state").asText()).isEqualTo("failed");
        assertThat(loads.get(1).get("rowsCopied").asInt()).isEqualTo(2);
    }

    @Test
    void shows_one_pipeline_or_so_many_loads_when_asked() {
        load();

        assertThat(workspace.run("status", "--limit", "1").out())
                .contains("/items/b.csv")
                .doesNotContain("/items/a.csv");
        assertThat(workspace.run("status", "--pipeline", "items").out()).contains("/items/a.csv");
        assertThat(workspace.run("status", "--pipeline", "others").lines())
                .containsExactly("No load yet");
    }

    @Test
    void a_limit_that_is_no_number_is_a_wrong_usage() {
        Run run = workspace.run("status", "--limit", "many");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--limit").contains("many");
    }

    @Test
    void a_limit_below_one_is_a_wrong_usage() {
        Run run = workspace.run("status", "--limit", "-1");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--limit").contains("-1");
    }

    @Test
    void names_a_broken_route_file_with_line_and_column_where_no_storage_is_set() throws Exception {
        load();
        Path bad = workspace.route("bad.camel.yaml", "- route:\n    id: x\n    nothing: y\n");
        workspace.set("storage.connection-string", "");
        String error = bad + ":2:5: Unsupported field: nothing";

        Run run = workspace.run("status");

        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.lines())
                .hasSize(7)
                .endsWith("route files that cannot be used", "  " + error);
        JsonNode all = new ObjectMapper().readTree(workspace.run("status", "--json").out());
        assertThat(all.size()).isEqualTo(3);
        assertThat(all.get(1).get("state").asText()).isEqualTo("loaded");
        assertThat(all.get(2).get("state").asText()).isEqualTo("broken");
        assertThat(all.get(2).get("routeFile").asText()).isEqualTo(bad.toString());
        assertThat(all.get(2).get("error").asText()).isEqualTo(error);
    }

    @Test
    void shows_the_loads_where_there_is_no_folder_of_routes() {
        load();

        Run run = workspace.run("status", "--routes", folder.resolve("none").toString());

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("/items/a.csv").contains("There is no folder ");
    }

    @Test
    void an_error_brings_no_terminal_code_of_the_data_to_the_screen() throws Exception {
        String codes = "\u001b[31m\u009b\u202e";
        workspace.upload("items/a.csv", "id,name\n" + codes + "x,one\n");

        Run load = workspace.run("load");
        Run status = workspace.run("status");

        assertThat(load.out()).contains("items  failed").contains("22P02").contains("?[31m??x");
        assertThat(status.out()).contains("22P02").contains("?[31m??x");
        assertThat(load.out() + load.err() + status.out())
                .doesNotContain("\u001b", "\u009b", "\u202e");
        JsonNode json = new ObjectMapper().readTree(workspace.run("status", "--json").out());
        assertThat(json.get(0).get("error").asText()).contains("\u009b\u202e");
    }
}
