package org.citusingest.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.citusingest.routes.FollowedFolder.awaitThat;
import static org.citusingest.routes.FollowedFolder.gated;
import static org.citusingest.routes.FollowedFolder.route;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Route;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in flight when a file changes or goes. */
class DrainTest {
    private static final String SPLIT =
            """
            - route:
                id: slow
                from:
                  uri: seda:slow
                  steps:
                    - split:
                        simple: "${body}"
                        parallelProcessing: true
                        steps:
                          - process: { ref: gate }
                    - to: direct:after
            - route:
                id: after
                from:
                  uri: direct:after
                  steps:
                    - to: seda:done
            """;

    @TempDir private Path folder;
    private FollowedFolder followed;

    @BeforeEach
    void newFolder() {
        followed = new FollowedFolder(folder);
    }

    @AfterEach
    void stop() {
        followed.close();
    }

    /** Sends one, and waits until it is held. */
    private void hold() {
        followed.send("slow");
        awaitThat(() -> assertThat(followed.entered).hasValue(1));
    }

    @Test
    void what_is_in_flight_ends_before_its_route_is_replaced_and_other_files_start_meanwhile()
            throws Exception {
        followed.write("slow.yaml", gated("slow", "one"));
        followed.write("keeper.yaml", gated("keeper", "kept"));
        followed.follow();
        Route old = followed.context.getRoute("slow");
        hold();
        followed.send("keeper");
        awaitThat(() -> assertThat(followed.entered).hasValue(2));

        followed.write("slow.yaml", route("slow", "two"));
        followed.write("other.yaml", route("other", "it"));
        awaitThat(() -> assertThat(followed.routeIds()).contains("other"));
        followed.write("other.yaml", route("other", "changed"));
        awaitThat(() -> assertThat(followed.ask("other")).isEqualTo("changed"));

        assertThat(followed.context.getRoute("slow")).isSameAs(old);
        assertThat(followed.passed).hasValue(0);
        followed.gate.countDown();

        awaitThat(() -> assertThat(followed.ask("slow")).isEqualTo("two"));
        assertThat(followed.starts("keeper")).isEqualTo(1);
        awaitThat(() -> assertThat(followed.passed).hasValue(2));
    }

    @Test
    void a_route_on_its_way_out_takes_no_more() throws Exception {
        followed.write("slow.yaml", gated("slow", "one"));
        followed.follow();
        hold();

        followed.remove("slow.yaml");
        followed.awaitLooks();
        followed.send("slow");
        followed.awaitLooks();
        assertThat(followed.entered).hasValue(1);
        followed.gate.countDown();

        awaitThat(() -> assertThat(followed.passed).hasPositiveValue());
        awaitThat(() -> assertThat(followed.routeIds()).isEmpty());
    }

    @Test
    void the_threads_of_a_split_and_the_routes_it_calls_end_what_they_have() throws Exception {
        followed.write("slow.yaml", SPLIT);
        followed.follow();
        try (var template = followed.context.createProducerTemplate()) {
            template.sendBody("seda:slow", List.of(1, 2, 3, 4));
        }
        awaitThat(() -> assertThat(followed.entered).hasValue(4));

        followed.write("slow.yaml", SPLIT.replace("seda:done", "seda:later"));
        followed.awaitLooks();
        followed.gate.countDown();

        awaitThat(() -> assertThat(followed.starts("slow")).isEqualTo(2));
        assertThat(followed.passed).hasValue(4);
        try (var template = followed.context.createConsumerTemplate()) {
            assertThat(template.receive("seda:done", 10_000).getException()).isNull();
        }
    }

    @Test
    void what_does_not_end_within_the_time_of_a_shutdown_is_broken_off() throws Exception {
        followed.context.getShutdownStrategy().setTimeout(200);
        followed.context.getShutdownStrategy().setTimeUnit(TimeUnit.MILLISECONDS);
        followed.write("slow.yaml", gated("slow", "one"));
        followed.follow();
        hold();

        followed.write("slow.yaml", route("slow", "two"));

        awaitThat(() -> assertThat(followed.ask("slow")).isEqualTo("two"));
        assertThat(followed.passed).hasValue(0);
    }

    @Test
    void the_newest_text_counts_when_a_file_changes_again_while_its_routes_end() throws Exception {
        followed.write("slow.yaml", gated("slow", "one"));
        followed.follow();
        hold();

        followed.write("slow.yaml", route("slow", "two"));
        followed.awaitLooks();
        followed.write("slow.yaml", "- route: [");
        awaitThat(() -> assertThat(followed.error("slow.yaml")).isNotNull());
        followed.gate.countDown();

        // What was good last is back, for the one in between has never run.
        awaitThat(() -> assertThat(followed.starts("slow")).isEqualTo(2));
        followed.send("slow");
        awaitThat(() -> assertThat(followed.passed).hasValue(2));

        followed.write("slow.yaml", route("slow", "three"));
        awaitThat(() -> assertThat(followed.ask("slow")).isEqualTo("three"));
    }

    @Test
    void a_file_that_comes_back_while_its_routes_end_runs_again() throws Exception {
        followed.write("slow.yaml", gated("slow", "one"));
        followed.follow();
        hold();

        followed.remove("slow.yaml");
        followed.awaitLooks();
        followed.write("slow.yaml", gated("slow", "one"));
        followed.awaitLooks();
        followed.gate.countDown();

        awaitThat(() -> assertThat(followed.starts("slow")).isEqualTo(2));
        followed.send("slow");
        awaitThat(() -> assertThat(followed.passed).hasValue(2));
    }
}
