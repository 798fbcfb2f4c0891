package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built-in template blob-to-citus, used by a file of a few lines. */
class TemplateTest {
    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder).items();
    }

    @Test
    void loads_into_a_table_without_a_summary() {
        workspace.upload("items/a.csv", "id,name\n1,one\n");

        assertThat(workspace.run("load").code()).isZero();
        assertThat(workspace.itemRows()).containsExactly("1|one");
        assertThat(workspace.loads("pipeline, state, summarized_at IS NULL"))
                .containsExactly("items|loaded|t");
    }

    @Test
    void runs_the_summary_once_for_each_load_even_one_with_quotes_and_dollars() {
        workspace.database.execute("CREATE TABLE rolled (load_id bigint, what text)");
        workspace.route(
                "items.camel.yaml",
                workspace.itemsRoute(
                        """
                              - name: summary
                                value: "INSERT INTO rolled SELECT unnest(string_to_array(current_setting('citus_ingest.load_ids'), ',')::bigint[]), $$it's$$"
                        """));
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        workspace.upload("items/b.csv", "id,name\n2,two\n");

        Run run = workspace.run("load");
        workspace.run("load");

        assertThat(run.err()).isEmpty();
        assertThat(workspace.database.rows("SELECT * FROM rolled ORDER BY 1"))
                .containsExactly("1|it's", "2|it's");
    }

    @Test
    void puts_the_columns_where_it_is_told_to_and_leaves_the_others() {
        workspace.route(
                "items.camel.yaml",
                workspace.itemsRoute(
                        "      - { name: columns, value: \"id=Item Number,name=Title\" }\n"));
        workspace.upload("items/a.csv", "Title,Colour,Item Number\none,red,1\n");

        assertThat(workspace.run("load").err()).isEmpty();
        assertThat(workspace.itemRows()).containsExactly("1|one");
    }

    @Test
    void leaves_out_what_is_excluded() {
        workspace.route(
                "items.camel.yaml",
                workspace.itemsRoute("      - { name: exclude, value: \"**.tmp\" }\n"));
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        workspace.upload("items/b.tmp", "half a fi");

        assertThat(workspace.run("load").code()).isZero();
        assertThat(workspace.loads("blob")).containsExactly("items/a.csv");
    }

    @Test
    void rejects_removes_and_publishes_as_it_is_told_to() {
        String rejected = workspace.container.getBlobContainerName();
        workspace.database.execute("CREATE TABLE removed (load_ids text)");
        workspace.route(
                "items.camel.yaml",
                workspace.itemsRoute(
                        """
                              - { name: publish, value: batch }
                              - { name: summary, value: "SELECT 1" }
                              - { name: maxRejects, value: "1" }
                              - { name: rejectTo, value: %s }
                              - { name: onOverwrite, value: replace }
                              - name: onRemove
                                value: "INSERT INTO removed VALUES (current_setting('citus_ingest.load_ids'))"
                        """
                                .formatted(rejected)));
        workspace.upload("items/a.csv", "id,name\n1,one\ntwo,two\n");

        assertThat(workspace.run("load").err()).isEmpty();

        assertThat(workspace.itemRows()).containsExactly("1|one");
        assertThat(workspace.container.getBlobClient("items/a.csv.load-1.rejected.csv").exists())
                .isTrue();
        assertThat(workspace.database.count("citus_ingest.batch")).isEqualTo(1);

        workspace.upload("items/a.csv", "id,name\n3,three\n");
        workspace.run("load");

        assertThat(workspace.itemRows()).containsExactly("3|three");
        assertThat(workspace.database.rows("SELECT * FROM removed")).containsExactly("1");
    }
}
