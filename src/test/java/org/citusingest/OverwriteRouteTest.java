package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A blob that is uploaded again, by each value of {@code onOverwrite}. */
class OverwriteRouteTest {
    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder);
        workspace.database.execute(
                "CREATE TABLE item (id int CHECK (id > 0), name text, _load_id bigint)",
                "CREATE TABLE bare (id int, name text)",
                "CREATE TABLE item_count (items bigint)",
                "INSERT INTO item_count VALUES (0)",
                count("roll_items", "+"),
                count("unroll_items", "-"));
    }

    private static String count(String name, String sign) {
        return """
        CREATE FUNCTION %s() RETURNS void LANGUAGE sql AS $$
            UPDATE item_count SET items = items %s (SELECT count(*) FROM item WHERE _load_id = ANY
                (string_to_array(current_setting('citus_ingest.load_ids'), ',')::bigint[]))
        $$
        """
                .formatted(name, sign);
    }

    private void route(String table, String onOverwrite) {
        workspace.route(
                "items.camel.yaml",
                """
                - route:
                    id: items
                    from:
                      uri: blobs:%s
                      parameters: { include: "items/**", onOverwrite: %s }
                      steps:
                        - unmarshal: { custom: { ref: delimited } }
                        - to:
                            uri: citus:%s
                            parameters: { onRemove: "SELECT unroll_items()" }
                        - setBody:
                            constant: "SELECT citus_ingest.summarize('items', 'SELECT roll_items()')"
                        - to: jdbc:citus
                """
                        .formatted(workspace.container.getBlobContainerName(), onOverwrite, table));
    }

    @ParameterizedTest
    @CsvSource({
        "append, '1|one;1|uno;2|two', 'loaded;loaded', 3",
        "replace, '1|uno', 'skipped;loaded', 1",
        "ignore, '1|one;2|two', 'loaded;skipped', 2",
        "fail, '1|one;2|two', 'loaded;failed', 2"
    })
    void a_second_version_is_loaded_as_the_option_says_and_the_summary_follows(
            String onOverwrite, String rows, String states, int counted) {
        route("item", onOverwrite);
        workspace.upload("items/a.csv", "id,name\n1,one\n2,two\n");
        assertThat(workspace.run("load").code()).isZero();

        workspace.upload("items/a.csv", "id,name\n1,uno\n");
        assertThat(workspace.run("load").code()).isEqualTo(onOverwrite.equals("fail") ? 1 : 0);

        assertThat(workspace.database.rows("SELECT id, name FROM item ORDER BY 1, 2"))
                .containsExactly(rows.split(";"));
        assertThat(workspace.loads("state")).containsExactly(states.split(";"));
        assertThat(workspace.database.ask("SELECT items FROM item_count")).isEqualTo("" + counted);
    }

    @Test
    void replace_is_refused_at_the_start_when_the_table_cannot_tell_the_loads_apart() {
        route("bare", "replace");
        workspace.upload("items/a.csv", "id,name\n1,one\n");

        for (String command : new String[] {"load", "check"}) {
            Workspace.Run run = workspace.run(command);
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.out() + run.err())
                    .contains("items.camel.yaml")
                    .contains("The table public.bare has no column _load_id")
                    .contains("ALTER TABLE \"public\".\"bare\" ADD COLUMN _load_id bigint");
        }
        assertThat(workspace.database.count("bare")).isZero();
    }

    @Test
    void a_new_version_without_rows_leaves_none() {
        route("item", "replace");
        workspace.upload("items/a.csv", "id,name\n1,one\n2,two\n");
        workspace.run("load");

        workspace.upload("items/a.csv", "\n\n");
        assertThat(workspace.run("load").code()).isZero();

        assertThat(workspace.itemRows()).isEmpty();
        assertThat(workspace.loads("state, rows_copied")).containsExactly("skipped|0", "loaded|0");
        assertThat(workspace.database.ask("SELECT items FROM item_count")).isEqualTo("0");
    }

    @Test
    void a_bad_new_version_leaves_the_rows_of_the_old_one() {
        route("item", "replace");
        workspace.upload("items/a.csv", "id,name\n1,one\n2,two\n");
        workspace.run("load");

        workspace.upload("items/a.csv", "id,name\n3,three\nbad,four\n");
        assertThat(workspace.run("load").code()).isEqualTo(1);

        assertThat(workspace.itemRows()).containsExactly("1|one", "2|two");
        assertThat(workspace.loads("state")).containsExactly("loaded", "failed");
        assertThat(workspace.database.ask("SELECT items FROM item_count")).isEqualTo("2");
    }
}
