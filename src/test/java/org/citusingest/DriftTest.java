package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files whose columns are no longer those of the table. */
class DriftTest {
    @TempDir private Path folder;

    private Workspace workspace(String table, String options) {
        Workspace workspace = new Workspace(folder);
        workspace.database.execute("CREATE TABLE item (" + table + ")");
        StringBuilder parameters = new StringBuilder();
        for (String option : options.split(" ", -1)) {
            String[] parts = option.split("=", 2);
            parameters.append(
                    "      - { name: %s, value: \"%s\" }\n".formatted(parts[0], parts[1]));
        }
        workspace.route("items.camel.yaml", workspace.itemsRoute(parameters.toString()));
        return workspace;
    }

    private static String rows(Workspace workspace) {
        return workspace.database.ask(
                "SELECT string_agg(row_to_json(item)::text, E'\\n' ORDER BY id) FROM item");
    }

    @Test
    void a_new_column_fails_the_load_unless_the_route_says_otherwise() {
        Workspace workspace = workspace("id int, name text", "onNewColumn=fail");
        workspace.upload("items/a.csv", "id,name,colour\n1,one,red\n");

        Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).contains("no column for 'colour'").contains("onNewColumn");
    }

    @Test
    void a_new_column_is_left_out() {
        Workspace workspace = workspace("id int, name text", "onNewColumn=ignore");
        workspace.upload("items/a.csv", "id,colour,name\n1,red,one\n");

        assertThat(workspace.run("load").code()).isZero();

        assertThat(rows(workspace)).isEqualTo("{\"id\":1,\"name\":\"one\"}");
    }

    @Test
    void what_has_no_column_is_rescued_as_json() {
        Workspace workspace = workspace("id int, name text, _rescued jsonb", "onNewColumn=rescue");
        workspace.upload(
                "items/a.csv",
                "id,\"a \"\"b\"\"\",name,ü\n1,\"x\\\ny\",one,ä\n2,,two,\n3,\"\t\",three,\n");
        workspace.upload("items/b.csv", "id,name\n4,four\n");

        Run run = workspace.run("load");

        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(rows(workspace))
                .isEqualTo(
                        """
                        {"id":1,"name":"one","_rescued":{"ü": "ä", "a \\"b\\"": "x\\\\\\ny"}}
                        {"id":2,"name":"two","_rescued":null}
                        {"id":3,"name":"three","_rescued":{"a \\"b\\"": "\\t"}}
                        {"id":4,"name":"four","_rescued":null}""");
    }

    @ParameterizedTest
    @ValueSource(strings = {"id int, name text", "id int, name text, _rescued text"})
    void to_rescue_needs_a_column_of_json(String table) {
        Workspace workspace = workspace(table, "onNewColumn=rescue");

        Run run = workspace.run("check");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out() + run.err())
                .contains("ALTER TABLE")
                .contains("ADD COLUMN _rescued jsonb");
    }

    @Test
    void a_missing_column_fails_the_load_or_is_null() {
        Workspace workspace =
                workspace(
                        "id int, name text, colour text, size int DEFAULT 7",
                        "onMissingColumn=null");
        workspace.upload("items/a.csv", "id,name\n1,one\n");

        assertThat(workspace.run("load").code()).isZero();

        assertThat(rows(workspace))
                .isEqualTo("{\"id\":1,\"name\":\"one\",\"colour\":null,\"size\":7}");
    }

    @Test
    void a_listed_column_that_is_missing_is_null_too() {
        Workspace workspace =
                workspace(
                        "id int, name text, colour text",
                        "onMissingColumn=null columns=id,name=Label,colour");
        workspace.upload("items/a.csv", "id,colour\n1,red\n");

        assertThat(workspace.run("load").code()).isZero();

        assertThat(rows(workspace)).isEqualTo("{\"id\":1,\"name\":null,\"colour\":\"red\"}");
    }

    @Test
    void a_word_that_is_no_choice_is_refused() {
        Workspace workspace = workspace("id int, name text", "onMissingColumn=nothing");

        Run run = workspace.run("check");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out() + run.err())
                .contains("onMissingColumn=nothing: it must be fail or null");
    }
}
