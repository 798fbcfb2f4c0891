package org.citusingest.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.impl.DefaultCamelContext;
import org.citusingest.TestAzurite;
import org.citusingest.TestPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteFolderTest {
    private static final String GOOD =
            """
            - route:
                id: good
                from:
                  uri: direct:good
                  steps:
                    - to: citus:item
            """;

    @TempDir private Path folder;
    private final CamelContext context = new DefaultCamelContext();

    @BeforeEach
    void bind() {
        context.getRegistry().bind("citus", TestPostgres.freshDatabase());
        context.getRegistry().bind("client", TestAzurite.client());
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private Path write(String name, String yaml) throws IOException {
        return Files.writeString(folder.resolve(name), yaml);
    }

    private List<RouteFile> load() throws Exception {
        context.start();
        return new RouteFolder(folder, RouteRules.NONE).load(context).outcomes();
    }

    private String errorOf(String yaml) throws Exception {
        Path bad = write("bad.yaml", yaml);
        write("good.yaml", GOOD);

        List<RouteFile> files = load();

        assertThat(files).hasSize(2);
        assertThat(files.get(1))
                .isEqualTo(new RouteFile.Usable(folder.resolve("good.yaml"), List.of("good")));
        assertThat(context.getRoutes()).extracting(Route::getRouteId).containsExactly("good");
        assertThat(files.get(0)).isInstanceOf(RouteFile.Broken.class);
        String error = ((RouteFile.Broken) files.get(0)).error();
        assertThat(error).startsWith(bad.toString()).doesNotContain("\n").hasSizeLessThan(500);
        return error.substring(bad.toString().length());
    }

    @Test
    void loads_the_good_files_in_the_order_of_their_names() throws Exception {
        write("b.camel.yaml", GOOD);
        write("a.yaml", GOOD.replace("good", "first"));

        assertThat(load())
                .containsExactly(
                        new RouteFile.Usable(folder.resolve("a.yaml"), List.of("first")),
                        new RouteFile.Usable(folder.resolve("b.camel.yaml"), List.of("good")));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a tab|- route:\\n\\tid: bad|:2:1: while scanning for the next token found character",
                "an open bracket|- route:\\n    id: [|:3:1: ",
                "an unknown field|- route:\\n    id: bad\\n    form: x|:2:5: Unsupported field: form",
                "an unknown step|- from:\\n    uri: direct:a\\n    steps:\\n      - set-body: x|:4:9: Unknown node id: set-body",
                "steps beside from|- route:\\n    from:\\n      uri: direct:a\\n    steps:\\n      - log: x|Unsupported field: steps",
            })
    void yaml_that_is_wrong_is_named_with_its_line_and_column(
            String what, String yaml, String message) throws Exception {
        assertThat(errorOf(unescaped(yaml))).as(what).contains(unescaped(message));
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n").replace("\\t", "\t");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "nosuch:thing|route bad: No endpoint could be found for: nosuch://thing",
                "citus:item?colums=a|Unknown parameters=[colums]",
                "citus:item?publish=never|never",
                "direct:{{no.such.property}}|no.such.property",
            })
    void a_step_that_cannot_be_built_says_why_and_where_it_leads(String uri, String message)
            throws Exception {
        assertThat(errorOf(GOOD.replace("good", "bad").replace("citus:item", uri)))
                .contains(message);
    }

    @Test
    void an_option_of_blobs_that_is_out_of_range_is_named() throws Exception {
        assertThat(errorOf(GOOD.replace("direct:good", "blobs:logs?pageSize=0")))
                .contains("blobs: pageSize=0 is not allowed; it must be 1 to 5000");
    }

    @Test
    void a_bean_that_is_missing_is_named() throws Exception {
        assertThat(errorOf(GOOD.replace("- to: citus:item", "- bean: { ref: noSuchBean }")))
                .contains("noSuchBean");
    }

    @Test
    void an_error_that_has_no_line_names_the_route_and_the_step() throws Exception {
        assertThat(errorOf(GOOD.replace("good", "bad").replace("citus:item", "nosuch:thing")))
                .contains("bad")
                .contains("nosuch://thing");
    }

    @Test
    void a_file_that_camel_does_not_read_by_its_name_is_named() throws Exception {
        Path file = write("a.yml", GOOD);

        assertThat(load())
                .containsExactly(
                        new RouteFile.Broken(
                                file, file + ": Camel reads .yaml and not .yml: rename the file"));
    }

    @Test
    void a_route_id_is_taken_by_the_first_file_that_has_it() throws Exception {
        write("a.yaml", GOOD);
        Path twice = write("b.yaml", GOOD.replace("direct:good", "direct:other"));

        List<RouteFile> files = load();

        assertThat(files.get(0)).isInstanceOf(RouteFile.Usable.class);
        assertThat(files.get(1))
                .isEqualTo(
                        new RouteFile.Broken(
                                twice,
                                twice
                                        + ": the route id good is taken by a.yaml; an id names a pipeline, so give this one its own"));
    }

    @Test
    void an_empty_file_is_broken_and_no_other() throws Exception {
        assertThat(errorOf("")).contains("empty");
    }

    @Test
    void hidden_files_and_others_than_yaml_are_left_alone() throws Exception {
        write(".hidden.yaml", "broken: [");
        write("notes.txt", "x");
        write("a.yaml~", "x");
        write("a.yaml.swp", "x");
        Files.createDirectory(folder.resolve("folder.yaml"));
        write("folder.yaml/below.yaml", GOOD);

        assertThat(load()).isEmpty();
    }

    @Test
    void no_folder_is_an_error_that_says_how_to_name_one() {
        assertThatThrownBy(
                        () ->
                                new RouteFolder(folder.resolve("none"), RouteRules.NONE)
                                        .load(context))
                .hasMessage(
                        "There is no folder %s: name the folder of the route files with --routes or ROUTES_DIR"
                                .formatted(folder.resolve("none")));
    }

    @Test
    void a_file_that_uses_the_shipped_template_has_its_route() throws Exception {
        write(
                "items.yaml",
                """
                - templatedRoute:
                    routeTemplateRef: blob-to-citus
                    routeId: items
                    parameters:
                      - { name: container, value: logs }
                      - { name: table, value: item }
                """);

        assertThat(load())
                .containsExactly(
                        new RouteFile.Usable(folder.resolve("items.yaml"), List.of("items")));
    }

    @Test
    void a_parameter_that_the_template_needs_is_named() throws Exception {
        assertThat(
                        errorOf(
                                """
                                - templatedRoute:
                                    routeTemplateRef: blob-to-citus
                                    routeId: items
                                    parameters:
                                      - { name: container, value: logs }
                                """))
                .contains("blob-to-citus")
                .contains("table");
    }
}
