package org.citusingest.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.citusingest.routes.FollowedFolder.awaitThat;
import static org.citusingest.routes.FollowedFolder.route;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of templates, beans and route configurations, which other files use. */
class SharedFileTest {
    private static final String TEMPLATE =
            """
            - routeTemplate:
                id: answer
                parameters:
                  - name: to
                from:
                  uri: direct:{{to}}
                  steps:
                    - setBody: { constant: "old" }
            """;
    private static final String CONFIGURATION =
            """
            - routeConfiguration:
                id: calm
                onException:
                  - onException:
                      exception: [ "java.lang.IllegalStateException" ]
                      handled: { constant: "true" }
                      steps:
                        - setBody: { constant: "handled" }
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

    private static String user(String id) {
        return """
               - templatedRoute:
                   routeTemplateRef: answer
                   routeId: %s
                   parameters:
                     - { name: to, value: %s }
               """
                .formatted(id, id);
    }

    @Test
    void a_template_is_used_by_files_of_any_name_and_its_change_rebuilds_their_routes()
            throws Exception {
        followed.write("a.yaml", user("a"));
        Path templates = followed.write("templates.yaml", TEMPLATE);
        followed.write("z.yaml", user("z"));
        followed.follow();
        assertThat(followed.files.outcomes())
                .contains(new RouteFile.Usable(templates, List.of()))
                .allMatch(RouteFile.Usable.class::isInstance);
        assertThat(followed.ask("a") + followed.ask("z")).isEqualTo("oldold");

        followed.write("templates.yaml", TEMPLATE.replace("old", "new"));

        awaitThat(() -> assertThat(followed.ask("a") + followed.ask("z")).isEqualTo("newnew"));
        followed.awaitLooks();
        assertThat(followed.starts("a")).isEqualTo(2);
        assertThat(followed.starts("keeper")).isEqualTo(1);
    }

    @Test
    void routes_go_on_when_their_template_has_gone_and_their_file_is_named() throws Exception {
        followed.write("a.yaml", user("a"));
        followed.write("templates.yaml", TEMPLATE);
        followed.follow();

        followed.remove("templates.yaml");
        awaitThat(
                () ->
                        assertThat(followed.error("a.yaml"))
                                .contains("Cannot find RouteTemplate with id answer"));
        assertThat(followed.ask("a")).isEqualTo("old");
        assertThat(followed.starts("a")).isEqualTo(1);

        followed.write("templates.yaml", TEMPLATE.replace("old", "new"));
        awaitThat(() -> assertThat(followed.ask("a")).isEqualTo("new"));
        awaitThat(() -> assertThat(followed.error("a.yaml")).isNull());
    }

    @Test
    void a_template_of_a_name_that_another_file_has_is_refused() throws Exception {
        followed.write("one.yaml", TEMPLATE);
        followed.write("two.yaml", TEMPLATE);
        followed.write("shipped.yaml", TEMPLATE.replace("id: answer", "id: blob-to-citus"));
        followed.follow();

        assertThat(followed.error("one.yaml")).isNull();
        assertThat(followed.error("two.yaml"))
                .contains("the route template answer is taken by one.yaml");
        assertThat(followed.error("shipped.yaml"))
                .contains("the route template blob-to-citus is taken");
    }

    @Test
    void a_file_that_uses_its_own_template_follows_its_changes() throws Exception {
        followed.write("a.yaml", TEMPLATE + user("a"));
        followed.follow();
        assertThat(followed.ask("a")).isEqualTo("old");

        followed.write("a.yaml", TEMPLATE.replace("old", "new") + user("a"));

        awaitThat(() -> assertThat(followed.ask("a")).isEqualTo("new"));
        followed.awaitLooks();
        assertThat(followed.starts("a")).isEqualTo(2);
    }

    @Test
    void a_route_configuration_counts_for_the_routes_that_are_built_from_then_on()
            throws Exception {
        String failing =
                """
                - route:
                    id: %s
                    routeConfigurationId: calm
                    from:
                      uri: direct:%s
                      steps:
                        - throwException:
                            exceptionType: java.lang.IllegalStateException
                            message: wrong
                """;
        followed.write("a.yaml", failing.formatted("a", "a"));
        followed.write("configuration.yaml", CONFIGURATION);
        followed.follow();
        assertThat(RouteFile.broken(followed.files.outcomes())).isEmpty();

        followed.write("configuration.yaml", CONFIGURATION.replace("\"handled\"", "\"changed\""));
        followed.awaitLooks();
        followed.write("b.yaml", failing.formatted("b", "b"));

        awaitThat(() -> assertThat(followed.ask("b")).isEqualTo("changed"));
        assertThat(followed.starts("a")).isEqualTo(1);
    }

    @Test
    void a_bean_of_a_file_is_there_for_others_and_goes_with_it() throws Exception {
        String uses =
                """
                - route:
                    id: a
                    from:
                      uri: direct:a
                      steps:
                        - bean: { ref: list, method: size }
                """;
        followed.write("a.yaml", uses);
        followed.write(
                "beans.yaml", "- beans:\n    - name: list\n      type: java.util.ArrayList\n");
        followed.follow();
        assertThat(followed.ask("a")).isEqualTo("0");

        followed.remove("beans.yaml");
        awaitThat(() -> assertThat(followed.context.getRegistry().lookupByName("list")).isNull());
        assertThat(followed.ask("a")).isEqualTo("0");
        followed.write("a.yaml", uses + "        - log: x\n");
        awaitThat(() -> assertThat(followed.error("a.yaml")).contains("list"));
        assertThat(followed.ask("a")).isEqualTo("0");
    }
}
