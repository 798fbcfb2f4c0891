package org.citusingest.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.citusingest.routes.FollowedFolder.awaitThat;
import static org.citusingest.routes.FollowedFolder.route;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.camel.Route;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to the files of a folder whose routes run. */
class RouteWatcherTest {
    /** It builds, and fails when it is started: both routes want to be the only consumer. */
    private static final String FAILS_AT_START =
            """
            - route:
                id: a
                from:
                  uri: direct:a
                  steps:
                    - setBody: { constant: "new" }
            - route:
                id: second
                from:
                  uri: direct:keeper
                  steps:
                    - log: "never"
            """;

    @TempDir private Path folder;
    private FollowedFolder followed;

    @BeforeEach
    void newFolder() {
        followed = new FollowedFolder(folder);
        followed.write("keeper.yaml", route("keeper", "kept"));
    }

    @AfterEach
    void stop() {
        followed.close();
    }

    @Test
    void a_file_that_is_dropped_starts_and_one_that_is_removed_ends() throws Exception {
        followed.follow();
        Route keeper = followed.context.getRoute("keeper");

        followed.write("a.yaml", route("a", "one"));
        awaitThat(() -> assertThat(followed.routeIds()).containsExactly("a", "keeper"));
        assertThat(followed.ask("a")).isEqualTo("one");

        followed.remove("a.yaml");
        awaitThat(() -> assertThat(followed.routeIds()).containsExactly("keeper"));
        awaitThat(
                () ->
                        assertThat(followed.files.outcomes())
                                .containsExactly(
                                        new RouteFile.Usable(
                                                folder.resolve("keeper.yaml"), List.of("keeper"))));
        assertThat(followed.context.getRoute("keeper")).isSameAs(keeper);
        assertThat(followed.context.getEndpoints())
                .noneMatch(endpoint -> endpoint.getEndpointUri().equals("direct://a"));
    }

    @Test
    void a_file_that_is_changed_replaces_its_routes_once_and_no_others() throws Exception {
        followed.write("a.yaml", route("a", "one"));
        followed.follow();

        followed.write("a.yaml", route("a", "two"));

        awaitThat(() -> assertThat(followed.ask("a")).isEqualTo("two"));
        followed.awaitLooks();
        assertThat(followed.starts("a")).isEqualTo(2);
        assertThat(followed.starts("keeper")).isEqualTo(1);
    }

    @Test
    void a_file_that_is_broken_runs_as_it_was_and_as_it_is_when_it_is_mended() throws Exception {
        Path file = followed.write("a.yaml", route("a", "one"));
        followed.follow();

        followed.write("a.yaml", route("a", "two") + "\n- route:\n    nothing: x\n");
        awaitThat(
                () ->
                        assertThat(followed.error("a.yaml"))
                                .isEqualTo(file + ":9:5: Unsupported field: nothing"));
        followed.write("a.yaml", route("a", "two").replace("direct:a", "direct:a?nothing=1"));
        awaitThat(
                () ->
                        assertThat(followed.error("a.yaml"))
                                .startsWith(file + ":4: route a: ")
                                .contains("nothing=1"));
        assertThat(followed.ask("a")).isEqualTo("one");
        assertThat(followed.starts("a")).isEqualTo(1);

        followed.write("a.yaml", route("a", "three"));
        awaitThat(() -> assertThat(followed.ask("a")).isEqualTo("three"));
        awaitThat(() -> assertThat(followed.error("a.yaml")).isNull());
    }

    @Test
    void a_file_that_is_given_its_old_text_back_is_not_broken_any_more() throws Exception {
        followed.write("a.yaml", route("a", "one"));
        followed.follow();

        followed.write("a.yaml", "");
        awaitThat(() -> assertThat(followed.error("a.yaml")).contains("empty"));
        followed.write("a.yaml", route("a", "one"));

        awaitThat(() -> assertThat(followed.error("a.yaml")).isNull());
        assertThat(followed.starts("a")).isEqualTo(1);
    }

    @Test
    void what_builds_and_does_not_start_leaves_the_last_good_version_running() throws Exception {
        followed.write("a.yaml", route("a", "old"));
        followed.follow();

        Path file = followed.write("a.yaml", FAILS_AT_START);

        awaitThat(
                () ->
                        assertThat(followed.error("a.yaml"))
                                .startsWith(file + ":7: route second: ")
                                .contains("Multiple consumers"));
        assertThat(followed.routeIds()).containsExactly("a", "keeper");
        assertThat(followed.ask("a")).isEqualTo("old");
        assertThat(followed.ask("keeper")).isEqualTo("kept");
        int starts = followed.starts("a");
        followed.awaitLooks();
        assertThat(followed.starts("a"))
                .as("it is not tried at the cost of the old one")
                .isEqualTo(starts);

        followed.write("a.yaml", route("a", "new"));
        awaitThat(() -> assertThat(followed.ask("a")).isEqualTo("new"));
    }

    @Test
    void files_that_are_broken_at_the_start_keep_no_other_from_starting() throws Exception {
        followed.write("a.yaml", "- route: [");
        followed.write(
                "c.yaml", FAILS_AT_START.replace("id: a", "id: b").replace("direct:a", "direct:b"));
        followed.write("zz.yaml", route("zz", "last"));
        followed.write("b0.yaml", route("first", "x").replace("direct:first", "direct:keeper"));
        followed.follow();

        assertThat(followed.error("a.yaml")).isNotNull();
        assertThat(followed.error("c.yaml")).contains("Multiple consumers");
        assertThat(followed.ask("zz")).isEqualTo("last");

        followed.write("a.yaml", route("a", "mended"));
        awaitThat(() -> assertThat(followed.ask("a")).isEqualTo("mended"));
    }

    @Test
    void a_file_that_did_not_start_starts_when_what_was_in_its_way_has_gone() throws Exception {
        followed.write("z.yaml", route("z", "it").replace("direct:z", "direct:keeper"));
        followed.follow();
        assertThat(followed.error("z.yaml")).contains("Multiple consumers");

        followed.remove("keeper.yaml");

        awaitThat(() -> assertThat(followed.routeIds()).containsExactly("z"));
        assertThat(followed.ask("keeper")).isEqualTo("it");
        awaitThat(() -> assertThat(followed.error("z.yaml")).isNull());
    }

    @Test
    void a_file_that_is_renamed_runs_under_its_new_name() throws Exception {
        followed.write("a.yaml", route("a", "one"));
        followed.follow();

        followed.rename("a.yaml", "b.yaml");

        awaitThat(
                () ->
                        assertThat(followed.files.outcomes())
                                .contains(
                                        new RouteFile.Usable(
                                                folder.resolve("b.yaml"), List.of("a"))));
        assertThat(followed.ask("a")).isEqualTo("one");
        assertThat(followed.files.outcomes()).hasSize(2);
    }

    @Test
    void a_route_that_is_renamed_in_its_file_leaves_none_of_its_old_name() throws Exception {
        followed.write("a.yaml", route("a", "one"));
        followed.follow();

        followed.write("a.yaml", route("b", "two"));

        awaitThat(() -> assertThat(followed.routeIds()).containsExactly("b", "keeper"));
        assertThat(followed.ask("b")).isEqualTo("two");
    }

    @Test
    void a_route_that_moves_to_another_file_runs_there() throws Exception {
        followed.write("m.yaml", route("m", "m") + route("moving", "from m"));
        followed.write("z.yaml", route("z", "z"));
        followed.follow();

        followed.write("a.yaml", route("moving", "from a"));
        awaitThat(
                () ->
                        assertThat(followed.error("a.yaml"))
                                .contains("the route id moving is taken by m.yaml"));
        assertThat(followed.ask("moving")).isEqualTo("from m");
        followed.write("m.yaml", route("m", "m"));
        awaitThat(() -> assertThat(followed.ask("moving")).isEqualTo("from a"));

        // At once, to a file that comes later and one that comes before.
        followed.write("a.yaml", route("a", "a"));
        followed.write("z.yaml", route("moving", "from z"));
        awaitThat(() -> assertThat(followed.ask("moving")).isEqualTo("from z"));
        assertThat(followed.routeIds()).containsExactly("a", "keeper", "m", "moving");
    }

    @Test
    void two_files_that_swap_their_routes_are_both_taken() throws Exception {
        Path one = Files.createDirectories(folder.resolve("one"));
        Path two = Files.createDirectories(folder.resolve("two"));
        Files.writeString(one.resolve("a"), route("x", "x of a"));
        Files.writeString(one.resolve("b"), route("y", "y of b"));
        Files.writeString(two.resolve("a"), route("y", "y of a"));
        Files.writeString(two.resolve("b"), route("x", "x of b"));
        Files.createSymbolicLink(folder.resolve("data"), Path.of("one"));
        Files.createSymbolicLink(folder.resolve("a.yaml"), Path.of("data/a"));
        Files.createSymbolicLink(folder.resolve("b.yaml"), Path.of("data/b"));
        followed.follow();
        assertThat(followed.ask("x")).isEqualTo("x of a");

        swap("data", "two");

        awaitThat(() -> assertThat(followed.ask("x")).isEqualTo("x of b"));
        awaitThat(() -> assertThat(followed.ask("y")).isEqualTo("y of a"));
        awaitThat(() -> assertThat(RouteFile.broken(followed.files.outcomes())).isEmpty());
    }

    private void swap(String link, String target) throws IOException {
        Path temporary = folder.resolve(link + "_tmp");
        Files.createSymbolicLink(temporary, Path.of(target));
        Files.move(
                temporary,
                folder.resolve(link),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void a_config_map_that_is_swapped_reloads_what_has_changed_once_and_nothing_else()
            throws Exception {
        Path first = Files.createDirectory(folder.resolve("..2026_11_24_10"));
        Path second = Files.createDirectory(folder.resolve("..2026_11_24_11"));
        for (String id : List.of("a", "b", "c")) {
            Files.writeString(first.resolve(id + ".camel.yaml"), route(id, "old"));
            Files.writeString(
                    second.resolve(id + ".camel.yaml"), route(id, id.equals("c") ? "old" : "new"));
            Files.createSymbolicLink(
                    folder.resolve(id + ".camel.yaml"), Path.of("..data", id + ".camel.yaml"));
        }
        Files.createSymbolicLink(folder.resolve("..data"), first.getFileName());
        followed.follow();
        assertThat(followed.routeIds()).containsExactly("a", "b", "c", "keeper");

        swap("..data", second.getFileName().toString());
        Files.delete(first.resolve("a.camel.yaml"));

        awaitThat(() -> assertThat(followed.ask("a")).isEqualTo("new"));
        awaitThat(() -> assertThat(followed.ask("b")).isEqualTo("new"));
        followed.awaitLooks();
        assertThat(followed.starts("a")).isEqualTo(2);
        assertThat(followed.starts("b")).isEqualTo(2);
        assertThat(followed.starts("c")).isEqualTo(1);
        assertThat(RouteFile.broken(followed.files.outcomes())).isEmpty();
    }

    @Test
    void a_file_that_is_being_written_is_not_taken() throws Exception {
        RouteFolder routes = new RouteFolder(folder, RouteRules.NONE);
        followed.context.start();
        RouteFiles files = routes.load(followed.context);
        try (RouteWatcher watcher = new RouteWatcher(routes, files, 600_000)) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 5; i++) {
                followed.write("a.yaml", text.append(route("a" + i, "x")).toString());
                watcher.look();
                files.settle();
                assertThat(followed.routeIds()).containsExactly("keeper");
            }
            watcher.look();
            files.settle();
            assertThat(followed.routeIds()).hasSize(6);

            // A file that is missing at one look, as editors replace it, has not been removed.
            followed.remove("a.yaml");
            watcher.look();
            files.settle();
            followed.write("a.yaml", text.toString());
            watcher.look();
            watcher.look();
            files.settle();
            assertThat(followed.routeIds()).hasSize(6);
            assertThat(followed.starts("a1")).isEqualTo(1);
        }
    }

    @Test
    void what_editors_leave_for_a_moment_is_no_route_file() throws Exception {
        followed.follow();
        for (String name :
                List.of(".a.yaml.swp", "a.yaml~", "4913", "#a.yaml#", ".#a.yaml", "a.yaml.tmp")) {
            followed.write(name, route("from-temporary", "x"));
        }
        followed.awaitLooks();

        assertThat(followed.routeIds()).containsExactly("keeper");
        assertThat(followed.files.outcomes()).hasSize(1);
    }

    @Test
    void data_that_has_been_dropped_as_a_route_file_is_named_and_not_read() throws Exception {
        followed.follow();

        Path file = followed.write("data.yaml", "x".repeat((1 << 20) + 1));

        awaitThat(
                () ->
                        assertThat(followed.error("data.yaml"))
                                .startsWith(file + ": it has 1048577 bytes"));
    }

    @Test
    void five_hundred_files_at_once_all_run() throws Exception {
        followed.follow();

        IntStream.range(0, 500)
                .forEach(i -> followed.write("f%d.yaml".formatted(i), route("r" + i, "it")));

        await().atMost(Duration.ofMinutes(2)).until(() -> followed.context.getRoutesSize() == 501);
        assertThat(followed.ask("r499")).isEqualTo("it");
        awaitThat(
                () ->
                        assertThat(followed.files.outcomes())
                                .hasSize(501)
                                .allMatch(RouteFile.Usable.class::isInstance));
    }

    @Test
    void a_file_whose_id_another_one_has_starts_when_the_id_is_free() throws Exception {
        followed.write("a.yaml", route("same", "of a"));
        followed.write("b.yaml", route("same", "of b"));
        followed.follow();
        assertThat(followed.error("b.yaml")).contains("the route id same is taken by a.yaml");
        assertThat(followed.ask("same")).isEqualTo("of a");

        followed.remove("a.yaml");

        awaitThat(() -> assertThat(followed.error("b.yaml")).isNull());
        assertThat(followed.ask("same")).isEqualTo("of b");
    }

    @Test
    void a_route_without_an_id_is_refused() throws Exception {
        Path file =
                followed.write(
                        "a.yaml", "- from:\n    uri: direct:a\n    steps:\n      - log: x\n");
        followed.follow();

        assertThat(followed.error("a.yaml"))
                .startsWith(file.toString())
                .contains("a route has no id");
    }

    @Test
    void a_file_that_the_check_refuses_is_broken_at_the_start_and_later() throws Exception {
        followed.write("a.yaml", route("refused", "one"));
        followed.follow(
                (file, trial) -> {
                    if (trial.getRoute("refused") != null) {
                        throw new IllegalStateException("table item has no column _load_id");
                    }
                });
        assertThat(followed.error("a.yaml")).endsWith("a.yaml: table item has no column _load_id");

        followed.write("a.yaml", route("a", "fine"));
        awaitThat(() -> assertThat(followed.ask("a")).isEqualTo("fine"));
        followed.write("a.yaml", route("refused", "two"));
        awaitThat(() -> assertThat(followed.error("a.yaml")).contains("_load_id"));
        assertThat(followed.ask("a")).isEqualTo("fine");
    }
}
