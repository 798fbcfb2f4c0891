package org.citusingest.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.citusingest.TestAzurite;
import org.citusingest.TestPostgres;
import org.citusingest.citus.LoadResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What route files may use, and who may write them. */
class RouteRulesTest {
    private static final RouteRules DEFAULT = RouteRules.read(key -> null);

    @TempDir private Path folder;
    private final CamelContext context = new DefaultCamelContext();

    @AfterEach
    void stop() {
        context.stop();
    }

    /** A step of a route that is refused, the line it is on, and what the error names. */
    private record Refused(String step, String told) {
        @Override
        public String toString() {
            return step;
        }
    }

    private static List<Refused> steps() {
        return List.of(
                new Refused("to: \"exec:sh?args=-c id\"", "component exec is not"),
                new Refused("to: http://169.254.169.254/metadata", "component http is not"),
                new Refused("to: bean:citus?method=toString", "component bean is not"),
                new Refused("to: class:java.lang.Runtime", "component class is not"),
                new Refused("to: language:simple:x", "component language is not"),
                new Refused("to: xslt:file:/tmp/x.xsl", "component xslt is not"),
                new Refused(
                        "to: azure-storage-blob:a/b?operation=listBlobs",
                        "component azure-storage-blob"),
                new Refused("to: controlbus:route?routeId=x&action=stop", "component controlbus"),
                new Refused("to: file:/tmp?fileName=x", "file: is for the start of a route"),
                new Refused(
                        "wireTap: { uri: \"file:/tmp?fileName=x\" }",
                        "file: is for the start of a route"),
                new Refused("toD: \"${header.where}\"", "step toD is not"),
                new Refused("recipientList: { header: where }", "step recipientList is not"),
                new Refused("routingSlip: { header: where }", "step routingSlip is not"),
                new Refused("dynamicRouter: { header: where }", "step dynamicRouter is not"),
                new Refused("enrich: { constant: \"http://x\" }", "step enrich is not"),
                new Refused("pollEnrich: { constant: \"file:/etc\" }", "step pollEnrich is not"),
                new Refused("bean: { ref: citus, method: close }", "step bean is not"),
                new Refused("bean: { beanType: java.lang.Runtime }", "step bean is not"),
                new Refused("setBody: { groovy: \"1\" }", "language groovy is not"),
                new Refused("script: { groovy: \"1\" }", "language groovy is not"),
                new Refused("setBody: { ognl: \"1\" }", "language ognl is not"),
                new Refused("setBody: { mvel: \"1\" }", "language mvel is not"),
                new Refused("setBody: { spel: \"1\" }", "language spel is not"),
                new Refused("setBody: { xpath: \"/a\" }", "language xpath is not"),
                new Refused("setBody: { method: { ref: citus } }", "language bean is not"),
                new Refused(
                        "setBody: { language: { language: groovy, expression: \"1\" } }",
                        "language groovy is not"),
                new Refused("setBody: { simple: \"${bean:citus?method=close}\" }", "goes beyond"),
                new Refused("setBody: { simple: \"${type:java.lang.Math.PI}\" }", "goes beyond"),
                new Refused("setBody: { simple: \"${env:CITUS_PASSWORD}\" }", "goes beyond"),
                new Refused("setBody: { simple: \"${sysenv.HOME}\" }", "goes beyond"),
                new Refused("setBody: { simple: \"${sys.user.home}\" }", "goes beyond"),
                new Refused("setBody: { simple: \"${properties:citus.url}\" }", "goes beyond"),
                new Refused("setBody: { simple: \"${camelContext.stop}\" }", "goes beyond"),
                new Refused("setBody: { simple: \"${exchange.context.stop}\" }", "goes beyond"),
                new Refused("setBody: { simple: \"${body.class.classLoader}\" }", "goes beyond"),
                new Refused("setBody: { simple: \"${body.getClass}\" }", "goes beyond"),
                new Refused(
                        "setBody: { simple: \"resource:file:/etc/passwd\" }",
                        "read from elsewhere"),
                new Refused("setBody: { constant: \"resource:http://x\" }", "read from elsewhere"),
                new Refused("log: \"{{citus.password}}\"", "citus.password is a setting"),
                new Refused("log: \"{{env:CITUS_PASSWORD}}\"", "CITUS_PASSWORD is a setting"),
                new Refused("log: \"{{env:WEBHOOK_SECRET:}}\"", "WEBHOOK_SECRET is a setting"),
                new Refused(
                        "log: \"{{env:AZURE_STORAGE_CONNECTION_STRING}}\"",
                        "AZURE_STORAGE_CONNECTION_STRING is a setting"),
                new Refused("unmarshal: { jaxb: { contextPath: a } }", "data format jaxb is not"),
                new Refused(
                        "setHeader: { name: CamelAzurestorageBlobFileDir, constant: /tmp }",
                        "header CamelAzureStorageBlobFileDir"),
                new Refused("to: \"jdbc:citus?outputClass=a.B\"", "option outputClass can run"),
                new Refused(
                        "to: \"seda:a?x=#class:a.B\"", "an object is made of a class by its name"),
                new Refused(
                        "to: { uri: seda:a, parameters: { transfer-exception: true } }",
                        "option transfer-exception can run"),
                new Refused(
                        "to: \"seda:a?allowJavaSerializedObject=true\"",
                        "option allowJavaSerializedObject can run"),
                new Refused(
                        "aggregate: { constant: x, aggregationRepository: y, steps: [{ log: x }] }",
                        "option aggregationRepository can run"),
                new Refused(
                        "to: { uri: seda:a, parameters: { transferExchange: true } }",
                        "option transferExchange can run"),
                new Refused(
                        "to: { uri: seda:a, parameters: { fileDir: /tmp } }", "option fileDir"));
    }

    private String errorOf(String yaml, RouteRules rules) throws Exception {
        Files.writeString(folder.resolve("bad.yaml"), yaml);
        // Something to call, so that only the rules are in the way.
        context.getRegistry().bind("citus", new Object());
        context.start();
        List<RouteFile.Broken> broken =
                RouteFile.broken(new RouteFolder(folder, rules).load(context).outcomes());
        return broken.isEmpty() ? null : broken.get(0).error();
    }

    private static String route(String step) {
        return """
        - route:
            id: bad
            from:
              uri: direct:bad
              steps:
                - %s
        """
                .formatted(step);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void what_is_not_allowed_is_refused_before_it_runs_with_its_line(Refused refused)
            throws Exception {
        String error = errorOf(route(refused.step), DEFAULT);

        assertThat(error)
                .startsWith(folder.resolve("bad.yaml") + ":")
                .containsPattern("bad.yaml:[56]")
                .contains(refused.told)
                .doesNotContain("\n");
        assertThat(context.getRoutes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "azure-storage-blob:shop/logs?fileDir=/tmp",
                "azure-storage-blob:shop/logs?file-dir=/tmp",
                "azure-storage-blob:shop/logs?prefix=a&FileDir=/tmp",
                "azure-storage-blob:shop/logs?file%44ir=/tmp",
                "{{address}}",
                "azure-storage-blob:shop/logs?{{options}}",
                "azure-storage-blob:shop/logs?{{name}}=/tmp",
                "azure-storage-blob:shop/logs?{{first}}Dir=/tmp",
            })
    void an_option_that_names_a_folder_for_blobs_is_refused_wherever_it_comes_from(String uri)
            throws Exception {
        RouteRules rules =
                RouteRules.read(
                        Map.of("routes.components", "azure-storage-blob, direct, log")::get);
        context.getRegistry().bind("blobServiceClient", TestAzurite.client());
        for (String[] property :
                new String[][] {
                    {"address", "azure-storage-blob:shop/logs?fileDir=/tmp"},
                    {"options", "fileDir=/tmp"},
                    {"name", "fileDir"},
                    {"first", "file"}
                }) {
            context.getPropertiesComponent().addInitialProperty(property[0], property[1]);
        }
        assertThat(errorOf(route("to: azure-storage-blob:shop/logs"), rules)).isNull();
        context.getRouteController().stopRoute("bad");
        context.removeRoute("bad");

        String to = "to: \"%s\"".formatted(uri);
        for (String yaml :
                List.of(
                        route(to),
                        route("wireTap: { uri: \"%s\" }".formatted(uri)),
                        route("setBody: { constant: x }").replace("direct:bad", '"' + uri + '"'),
                        template(uri))) {
            assertThat(errorOf(yaml, rules))
                    .startsWith(folder.resolve("bad.yaml") + ":")
                    .containsPattern("(?i)file-?dir")
                    .containsAnyOf("not for route files", "Unknown parameters")
                    .doesNotContain("\n");
        }
        assertThat(context.getRoutes()).isEmpty();
    }

    /** A template whose parameter is the address of a step. */
    private static String template(String uri) {
        return """
        - routeTemplate:
            id: tell
            parameters: [{ name: where }]
            from:
              uri: direct:tell
              steps:
                - to: "{{where}}"
        - templatedRoute:
            routeTemplateRef: tell
            routeId: bad
            parameters: [{ name: where, value: "%s" }]
        """
                .formatted(uri);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "type: java.lang.ProcessBuilder",
                "type: \"#class:java.lang.ProcessBuilder\"",
                "type: org.citusingest.rows.DelimitedDataFormat\n    builderClass: a.B",
                "type: org.citusingest.rows.DelimitedDataFormat\n    factoryMethod: of",
                "type: org.citusingest.rows.DelimitedDataFormat\n    factoryBean: citus",
                "type: org.citusingest.rows.DelimitedDataFormat\n    initMethod: start",
                "type: org.citusingest.rows.DelimitedDataFormat\n    destroyMethod: start",
                "type: org.citusingest.rows.DelimitedDataFormat\n    scriptLanguage: simple",
                "type: org.citusingest.rows.DelimitedDataFormat\n    script: \"1\"",
                "type: org.citusingest.rows.DelimitedDataFormat\n    properties: { quote: \"#class:a.B\" }",
            })
    void beans_are_made_of_the_allowed_classes_alone(String bean) throws Exception {
        assertThat(errorOf("- beans:\n  - name: x\n    " + bean + "\n", DEFAULT))
                .startsWith(folder.resolve("bad.yaml") + ":")
                .doesNotContain("\n");
        assertThat(context.getRegistry().lookupByName("x")).isNull();
    }

    @Test
    void the_operator_says_what_may_be_used() throws Exception {
        RouteRules rules =
                RouteRules.read(
                        Map.of(
                                        "routes.components", "direct, file",
                                        "routes.languages", "constant, simple",
                                        "routes.steps", "toD, enrich",
                                        "routes.beans", "java.util.ArrayList")
                                ::get);

        assertThat(errorOf(route("to: file:" + folder + "/out"), rules)).isNull();
        assertThat(errorOf(route("toD: \"direct:a\""), rules)).isNull();
        assertThat(errorOf(route("log: x"), rules)).isNull();
        assertThat(errorOf("- beans: [{ name: x, type: java.util.ArrayList }]", rules)).isNull();
        assertThat(errorOf(route("to: blobs:x"), rules))
                .contains(
                        "the component blobs is not among those that route files may use: direct, file; whoever runs"
                                + " citus-ingest can add it to routes.components (ROUTES_COMPONENTS)");
    }

    @Test
    void an_address_that_only_an_exchange_knows_is_refused_when_it_comes() throws Exception {
        RouteRules rules = RouteRules.read(Map.of("routes.steps", "toD")::get);
        assertThat(errorOf(route("toD: \"${header.where}\""), rules)).isNull();

        try (ProducerTemplate template = context.createProducerTemplate()) {
            assertThatThrownBy(
                            () ->
                                    template.sendBodyAndHeader(
                                            "direct:bad", "", "where", "language:simple:x"))
                    .isInstanceOf(CamelExecutionException.class)
                    .rootCause()
                    .hasMessageContaining("component language is not");
        }
    }

    @Test
    void the_shipped_routes_and_those_of_the_documents_are_allowed() throws Exception {
        context.getRegistry().bind("citus", TestPostgres.freshDatabase());
        context.getRegistry().bind("blobServiceClient", TestAzurite.client());
        context.getRegistry().bind("loadResult", new LoadResult());
        for (String name : new String[] {"routes", "routes/examples"}) {
            for (Path file : new RouteFolder(Path.of(name), RouteRules.NONE).files()) {
                RouteScreen.look(RouteText.read(file, WritableBy.ANYONE).orElseThrow(), DEFAULT);
            }
        }
        Files.writeString(
                folder.resolve("semicolon.yaml"),
                """
                - beans:
                    - name: semicolon
                      type: org.citusingest.rows.DelimitedDataFormat
                      properties: { delimiter: ";" }
                - route:
                    id: semicolon
                    from:
                      uri: file:{{env:FILE_DROP_DIR:incoming}}
                      steps:
                        - unmarshal: { custom: { ref: semicolon } }
                        - script: { simple: "${body.put('a', ${body[a].toLowerCase()})}" }
                        - split: { simple: "${collate(10)}", steps: [{ to: log:x }] }
                """);
        assertThat(
                        errorOf(
                                route("log: \"${exchangeId} ${routeId} ${exchangeProperty.x}\""),
                                DEFAULT))
                .isNull();
        assertThat(context.getRoutes()).hasSize(2);
    }

    @Test
    void aliases_that_multiply_and_nests_without_end_are_refused_at_once() throws Exception {
        StringBuilder bomb = new StringBuilder("- a: &a0 [x, x, x, x, x]\n");
        for (int i = 1; i < 10; i++) {
            String before = "*a" + (i - 1);
            bomb.append(
                    "- a: &a%d [%s]\n"
                            .formatted(
                                    i,
                                    String.join(", ", java.util.Collections.nCopies(5, before))));
        }
        assertThat(errorOf(bomb.toString(), DEFAULT)).contains("its aliases make more than 200000");
        assertThat(errorOf("[".repeat(100_000), DEFAULT)).contains("nested more than 100 levels");
        assertThat(errorOf("- &a [*a]", DEFAULT)).startsWith(folder.resolve("bad.yaml") + ":");
    }

    private void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void a_folder_that_others_can_write_to_is_refused() throws Exception {
        mode(folder, "rwxrwxrwx");
        context.start();

        assertThatThrownBy(() -> new RouteFolder(folder, DEFAULT).load(context))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "The folder %1$s can be written by all users, and who writes routes says what is done with the data:"
                                + " chmod o-w %1$s, or set ROUTES_WRITABLE_BY to anyone",
                        folder.toRealPath());
        RouteRules anyone = RouteRules.read(Map.of("routes.writable-by", "anyone")::get);
        assertThat(new RouteFolder(folder, anyone).files()).isEmpty();
    }

    @Test
    void a_file_that_others_can_write_is_refused_behind_a_link_too() throws Exception {
        Path hidden = Files.createDirectory(folder.resolve("..data"));
        Path target = Files.writeString(hidden.resolve("bad.yaml"), route("log: x"));
        Files.createSymbolicLink(folder.resolve("bad.yaml"), Path.of("..data/bad.yaml"));
        context.start();
        assertThat(RouteFile.broken(new RouteFolder(folder, DEFAULT).load(context).outcomes()))
                .isEmpty();

        mode(target, "rw-rw-rw-");

        assertThat(RouteFile.broken(new RouteFolder(folder, DEFAULT).load(context).outcomes()))
                .singleElement()
                .satisfies(
                        file ->
                                assertThat(file.error())
                                        .contains("bad.yaml can be written by all users")
                                        .contains("chmod o-w " + target.toRealPath()));
    }

    @Test
    void the_group_that_has_the_name_of_the_owner_may_write_and_another_may_not() throws Exception {
        PosixFileAttributeView view =
                Files.getFileAttributeView(folder, PosixFileAttributeView.class);
        mode(folder, "rwxrwxr-x");
        if (view.readAttributes().group().getName().equals(view.getOwner().getName())) {
            assertThat(new RouteFolder(folder, DEFAULT).files()).isEmpty();
        }
        GroupPrincipal another = another(view);
        org.junit.jupiter.api.Assumptions.assumeTrue(another != null, "No other group to give it");

        assertThatThrownBy(() -> new RouteFolder(folder, DEFAULT).files())
                .hasMessageContaining("can be written by the group " + another.getName())
                .hasMessageContaining("chmod g-w");
        RouteRules group = RouteRules.read(Map.of("routes.writable-by", "group")::get);
        assertThat(new RouteFolder(folder, group).files()).isEmpty();
    }

    /** Gives the folder to another group, where this process may do so. */
    private static GroupPrincipal another(PosixFileAttributeView view) {
        return Arrays.stream(new String[] {"daemon", "users", "staff", "postgres"})
                .map(
                        name -> {
                            try {
                                GroupPrincipal group =
                                        FileSystems.getDefault()
                                                .getUserPrincipalLookupService()
                                                .lookupPrincipalByGroupName(name);
                                view.setGroup(group);
                                return group;
                            } catch (IOException e) {
                                return null;
                            }
                        })
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    @Test
    void an_unknown_word_for_who_may_write_is_refused() {
        assertThatThrownBy(() -> RouteRules.read(Map.of("routes.writable-by", "nobody")::get))
                .hasMessage(
                        "routes.writable-by (ROUTES_WRITABLE_BY) is 'nobody'; it must be owner, group or anyone");
    }
}
