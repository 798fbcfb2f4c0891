package org.citusingest.rows.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.Main;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowCursor;
import org.citusingest.rows.RowFormatException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The data formats as a route file uses them. */
final class JsonDataFormatTest {
    private final List<String> collected = new ArrayList<>();
    private final Main main = new Main();

    @BeforeEach
    void start() throws Exception {
        Processor collect = exchange -> collect(exchange.getMessage().getBody(RowBatch.class));
        main.bind("collect", collect);
        main.addInitialProperty("camel.dataformat.jsonLines.batchBytes", "16");
        main.addInitialProperty(
                "camel.main.routesIncludePattern", "classpath:rows/json.camel.yaml");
        main.addInitialProperty("camel.main.streamCachingEnabled", "false");
        main.start();
    }

    @AfterEach
    void stop() throws Exception {
        main.stop();
    }

    private void collect(RowBatch batch) {
        StringBuilder rows = new StringBuilder(batch.columns().toString());
        RowCursor row = batch.cursor();
        Field field = new Field();
        while (row.next()) {
            for (int i = 0; i < row.fields(); i++) {
                rows.append(i == 0 ? ' ' : '|').append(row.read(i, field) ? field : "NULL");
            }
        }
        collected.add(rows.toString());
        batch.release();
    }

    private List<String> send(String uri, Object body) throws Exception {
        main.getCamelTemplate().sendBody(uri, body);
        return collected;
    }

    @Test
    void lines_are_read_as_the_properties_say() throws Exception {
        assertThat(send("direct:lines", "{\"a\":1}\n{\"a\":2,\"b\":\"x\"}\n".getBytes(UTF_8)))
                .containsExactly("[a] 1", "[a, b] 2|x");
    }

    @Test
    void a_document_is_read() throws Exception {
        assertThat(send("direct:document", "[{\"a\":1},{\"a\":2}]")).containsExactly("[a] 1 2");
    }

    @Test
    void a_bean_in_the_route_file_has_its_own_options() throws Exception {
        assertThat(
                        send(
                                "direct:items",
                                "{\"data\":{\"items\":[{\"id\":1,\"user\":{\"name\":\"x\"},\"z\":0},{\"id\":2}]}}"))
                .containsExactly("[id, name] 1|x 2|NULL");
    }

    @Test
    void a_malformed_source_fails_the_exchange() throws Exception {
        assertThatThrownBy(() -> send("direct:document", "[{\"a\":1}"))
                .isInstanceOf(CamelExecutionException.class)
                .rootCause()
                .isInstanceOf(RowFormatException.class)
                .hasMessageStartingWith("row 2, byte 8: it is cut off");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "JsonDataFormat|path: items|The option 'path' is 'items'",
                "JsonLinesDataFormat|maxDepth: 0|The option 'maxDepth' is '0'",
                "JsonLinesDataFormat|batchBytes: 0|The option 'batchBytes' is '0'",
                "JsonLinesDataFormat|charset: latin|The option 'charset' is 'latin'"
            })
    void a_wrong_option_stops_the_start(String type, String option, String message)
            throws Exception {
        CamelContext context = new DefaultCamelContext();
        String route =
                """
                - beans:
                    - name: wrong
                      type: org.citusingest.rows.json.%s
                      properties: { %s }
                - route:
                    from:
                      uri: direct:wrong
                      steps:
                        - unmarshal:
                            custom: { ref: wrong }
                """
                        .formatted(type, option);
        try {
            assertThatThrownBy(
                            () -> {
                                PluginHelper.getRoutesLoader(context)
                                        .loadRoutes(
                                                ResourceHelper.fromString(
                                                        "wrong.camel.yaml", route));
                                context.start();
                            })
                    .hasStackTraceContaining(message);
        } finally {
            context.stop();
        }
    }
}
