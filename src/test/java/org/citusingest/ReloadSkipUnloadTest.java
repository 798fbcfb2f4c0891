package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadSkipUnloadTest {
    @TempDir private Path folder;
    private Items items;

    @BeforeEach
    void newWorkspace() {
        items = new Items(new Workspace(folder), Items.ON_REMOVE);
    }

    private void states(String... expected) {
        assertThat(items.workspace.loads("id, state")).containsExactly(expected);
    }

    @Test
    void a_loaded_load_is_loaded_again_exactly_once_and_counted_once() {
        items.load("a.csv", "id,name\n1,one\n2,two\n");
        items.summaryEqualsARecount();

        assertThat(items.ok("reload", "items/a.csv"))
                .isEqualTo(
                        "load 1 of %s waits to be loaded again; 2 rows were taken out%n"
                                .formatted(items.source("a.csv")));
        assertThat(items.rows()).isEmpty();
        states("1|waiting");
        items.summaryEqualsARecount();

        assertThat(items.workspace.run("load").code()).isZero();
        assertThat(items.workspace.run("load").code()).isZero();
        states("1|loaded");
        assertThat(items.rows()).containsExactly("1|one", "2|two");
        items.summaryEqualsARecount();
    }

    @Test
    void reloading_needs_no_storage_and_takes_a_container_with_the_blob() {
        items.load("a.csv", "id,name\n1,one\n");
        items.workspace.set("storage.connection-string", "");

        assertThat(items.ok("reload", items.source("a.csv"))).startsWith("load 1 of ");

        states("1|waiting");
        assertThat(items.rows()).isEmpty();
    }

    @Test
    void a_failed_load_is_reloaded_by_its_id() {
        items.load("a.csv", "id,name\nx,one\n");

        assertThat(items.ok("reload", "--load", "1"))
                .isEqualTo(
                        "load 1 of %s waits to be loaded again%n".formatted(items.source("a.csv")));

        states("1|waiting");
    }

    @Test
    void the_newest_version_of_a_blob_is_meant() {
        items.load("a.csv", "id,name\n1,one\n");
        items.load("a.csv", "id,name\n2,two\n");

        assertThat(items.ok("reload", "items/a.csv")).startsWith("load 2 of ");

        states("1|loaded", "2|waiting");
        assertThat(items.rows()).containsExactly("1|one");
    }

    @Test
    void a_blob_of_two_pipelines_needs_the_name_of_one() {
        items.route("others", "items/*.csv", "");
        items.load("a.csv", "id,name\n1,one\n");

        String refusal = items.refused("reload", "items/a.csv");

        assertThat(refusal)
                .contains("may be one of 2 loads, so nothing was done")
                .contains("items " + items.source("a.csv") + " (load ")
                .contains("others " + items.source("a.csv") + " (load ");
        assertThat(items.workspace.run("reload", "items/a.csv", "--pipeline", "others").code())
                .isZero();
        assertThat(items.workspace.loads("pipeline, state"))
                .containsExactlyInAnyOrder("items|loaded", "others|waiting");
        assertThat(items.refused("reload", "items/a.csv", "--pipeline", "none"))
                .contains("There is no load of items/a.csv in the pipeline none");
    }

    @Test
    void a_poison_blob_that_is_skipped_never_comes_back() {
        items.load("bad.csv", "id,name\nx,one\n");

        assertThat(items.ok("skip", "items/bad.csv", "--reason", "sent by mistake"))
                .isEqualTo("load 1 of %s is skipped%n".formatted(items.source("bad.csv")));

        Run run = items.load("good.csv", "id,name\n1,one\n");
        assertThat(run.code()).isZero();
        assertThat(run.out()).doesNotContain("bad.csv");
        assertThat(items.workspace.loads("state, error"))
                .containsExactly("skipped|sent by mistake", "loaded|null");
    }

    @Test
    void skipping_a_loaded_load_is_refused() {
        items.load("a.csv", "id,name\n1,one\n");

        assertThat(items.refused("skip", "--load", "1"))
                .startsWith("citus-ingest skip: Load 1 of ")
                .endsWith("citus-ingest unload takes rows out");

        assertThat(items.rows()).hasSize(1);
    }

    @Test
    void an_unloaded_load_leaves_table_and_summary_and_stays_out() {
        items.load("a.csv", "id,name\n1,one\n2,two\n");
        items.load("b.csv", "id,name\n3,one\n");

        assertThat(items.ok("unload", "--load", "1"))
                .isEqualTo(
                        "load 1 of %s is unloaded; 2 rows were taken out%n"
                                .formatted(items.source("a.csv")));

        assertThat(items.workspace.run("load").code()).isZero();
        states("1|skipped", "2|loaded");
        assertThat(items.rows()).containsExactly("3|one");
        items.summaryEqualsARecount();
        assertThat(items.refused("unload", "--load", "1"))
                .contains("is skipped: it has no rows that could be taken out");
    }

    @Test
    void a_summary_that_is_not_told_has_to_be_recomputed_and_that_is_said() {
        items.route("items", "items/**", "");
        items.load("a.csv", "id,name\n1,one\n");

        Run run = items.workspace.run("unload", "--load", "1");

        assertThat(run.code()).isZero();
        assertThat(run.err())
                .isEqualTo(
                        "The summary of items still counts the rows of load 1, as no onRemove takes them out: recompute it%n"
                                .formatted());
    }

    @Test
    void a_route_that_is_gone_is_told_and_one_that_may_be_in_a_broken_file_stops_it()
            throws Exception {
        items.load("a.csv", "id,name\n1,one\n");
        Path route = items.workspace.routes.resolve("items.camel.yaml");
        Files.writeString(route, "- route:\n    id: items\n    nothing: y\n");
        assertThat(items.refused("unload", "--load", "1"))
                .contains("There is no route items in ")
                .contains("items.camel.yaml:2:5")
                .contains("mend the file");
        assertThat(items.rows()).hasSize(1);

        Files.delete(route);
        Run run = items.workspace.run("unload", "--load", "1");

        assertThat(run.code()).isZero();
        assertThat(run.err().lines())
                .containsExactly(
                        "There is no route items in %s: went on without its option onRemove"
                                .formatted(items.workspace.routes),
                        "The summary of items still counts the rows of load 1, as no onRemove takes them out: recompute it");
        assertThat(items.rows()).isEmpty();
    }

    @Test
    void which_load_has_to_be_said_in_one_way() {
        for (String command : new String[] {"reload", "skip"}) {
            assertThat(items.workspace.run(command).code()).isEqualTo(2);
            Run both = items.workspace.run(command, "items/a.csv", "--load", "1");
            assertThat(both.code()).isEqualTo(2);
            assertThat(both.err()).contains("--load");
            assertThat(items.refused(command, "--load", "1")).contains("There is no load 1");
            assertThat(items.refused(command, "x")).contains("There is no load of x");
        }
        assertThat(items.workspace.run("unload").code()).isEqualTo(2);
        assertThat(items.refused("unload", "--load", "1")).contains("There is no load 1");
        assertThat(items.workspace.database.ask("SELECT to_regnamespace('citus_ingest')"))
                .isEqualTo("null");
    }
}
