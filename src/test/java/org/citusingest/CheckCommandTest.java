package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
    @TempDir private Path folder;
    private Workspace workspace;
    private String container;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder).items();
        container = workspace.container.getBlobContainerName();
    }

    @AfterEach
    void nothingWasWritten() {
        assertThat(workspace.database.ask("SELECT to_regnamespace('citus_ingest')"))
                .isEqualTo("null");
        assertThat(workspace.database.count("item")).isZero();
    }

    @Test
    void finds_everything_as_it_must_be() throws Exception {
        workspace.upload("items/a.csv", "id,name\n1,one\n");

        Run run = workspace.run("check");

        assertThat(run.err()).isEmpty();
        assertThat(run.lines())
                .hasSize(5)
                .allMatch(line -> line.startsWith("ok     "))
                .anyMatch(line -> line.contains("database: test_") && line.contains("PostgreSQL"))
                .contains("ok     ledger: none yet, the first load creates it")
                .contains("ok     file items.camel.yaml: routes [items]")
                .contains("ok     container " + container + ": readable")
                .contains("ok     table item: columns id, name, _load_id");
        assertThat(run.code()).isZero();

        JsonNode findings = new ObjectMapper().readTree(workspace.run("check", "--json").out());
        assertThat(findings.size()).isEqualTo(5);
        assertThat(findings.get(0).get("ok").asBoolean()).isTrue();
    }

    @Test
    void says_what_is_missing_and_looks_on() {
        workspace.route(
                "items.camel.yaml",
                workspace
                        .itemsRoute("")
                        .replace(container, "not-there")
                        .replace("value: item }", "value: itme }"));
        workspace.route("broken.camel.yaml", "- route:\n    id: x\n    nothing: y\n");

        Run run = workspace.run("check");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.lines())
                .contains("ok     file items.camel.yaml: routes [items]")
                .anyMatch(
                        line ->
                                line.startsWith("wrong  file broken.camel.yaml: ")
                                        && line.endsWith(":2:5: Unsupported field: nothing"))
                .anyMatch(
                        line ->
                                line.startsWith(
                                        "wrong  container not-there: There is no container not-there in this storage account"))
                .anyMatch(
                        line ->
                                line.startsWith(
                                                "wrong  table itme: There is no table itme in the database")
                                        && line.contains("it has: item"));
    }

    @Test
    void a_column_that_the_route_names_and_the_table_does_not_have_is_wrong() {
        workspace.route(
                "items.camel.yaml",
                workspace.itemsRoute("      - { name: columns, value: \"id,nome\" }\n"));

        Run run = workspace.run("check");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.lines())
                .anyMatch(line -> line.startsWith("wrong  table item: ") && line.contains("nome"));
    }

    @Test
    void a_column_to_sort_by_that_the_table_does_not_have_is_wrong() {
        workspace.route(
                "items.camel.yaml",
                "- route:\n    id: items\n    from:\n      uri: direct:items\n      steps:\n        - to: citus:item?sort=id,nome\n");

        Run run = workspace.run("check");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.lines())
                .anyMatch(
                        line ->
                                line.startsWith(
                                        "wrong  table item: sort= names the column nome, which public.item does not have; it has [id, name, _load_id]"));
    }

    @Test
    void a_database_that_does_not_answer_is_one_line_and_the_rest_is_looked_at() {
        workspace.set("citus.url", "jdbc:postgresql://localhost:1/nowhere");

        Run run = workspace.run("check");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.lines())
                .anyMatch(
                        line ->
                                line.startsWith(
                                                "wrong  database: No connection to jdbc:postgresql://localhost:1/nowhere: Connection to localhost:1 refused")
                                        && line.endsWith(
                                                "look at CITUS_URL, CITUS_USER and CITUS_PASSWORD"))
                .contains("ok     file items.camel.yaml: routes [items]");
    }

    @Test
    void no_route_file_is_wrong_and_so_is_no_folder() throws Exception {
        Path empty = java.nio.file.Files.createDirectory(folder.resolve("empty"));

        assertThat(workspace.run("check", "--routes", empty.toString()).lines())
                .contains("wrong  routes: there is no route file in " + empty);

        Run none = workspace.run("check", "--routes", folder.resolve("none").toString());
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.out()).contains("wrong  routes: There is no folder ").contains("--routes");
    }
}
