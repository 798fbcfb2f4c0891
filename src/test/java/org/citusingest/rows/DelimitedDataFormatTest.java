package org.citusingest.rows;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.Main;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data format as a route file uses it. */
final class DelimitedDataFormatTest {
    private static final String PIPES = "a|b\n1|x\n2|\n";
    private static final String SEMICOLONS = "a;b\n1;\"x\ny\"\n2;-\n3;\"-\"\n4;z\n";

    private final Queue<List<String>> collected = new ConcurrentLinkedQueue<>();
    private final AtomicInteger batches = new AtomicInteger();
    private final Main main = new Main();
    @TempDir private Path folder;

    @BeforeEach
    void start() throws Exception {
        Processor collect =
                exchange -> {
                    RowBatch batch = exchange.getMessage().getBody(RowBatch.class);
                    collected.addAll(Rows.of(batch));
                    batches.incrementAndGet();
                    batch.release();
                };
        main.bind("collect", collect);
        main.addInitialProperty("camel.dataformat.delimited.delimiter", "|");
        main.addInitialProperty(
                "camel.main.routesIncludePattern", "classpath:rows/delimited.camel.yaml");
        main.addInitialProperty("camel.main.streamCachingEnabled", "false");
        main.start();
    }

    @AfterEach
    void stop() throws Exception {
        main.stop();
    }

    private List<List<String>> send(String uri, Object body) throws Exception {
        main.getCamelTemplate().sendBody(uri, body);
        return List.copyOf(collected);
    }

    private void expectPipes(Object body) throws Exception {
        assertThat(send("direct:delimited", body)).hasToString("[[1, x], [2, null]]");
        assertThat(batches).hasValue(1);
    }

    @Test
    void reads_a_body_of_bytes() throws Exception {
        expectPipes(PIPES.getBytes(UTF_8));
    }

    @Test
    void reads_a_body_that_is_a_stream() throws Exception {
        expectPipes(new ByteArrayInputStream(PIPES.getBytes(UTF_8)));
    }

    @Test
    void reads_a_body_of_text() throws Exception {
        expectPipes(PIPES);
    }

    @Test
    void reads_a_body_that_is_a_file() throws Exception {
        expectPipes(Files.writeString(folder.resolve("pipes.csv"), PIPES).toFile());
    }

    @Test
    void reads_a_body_that_a_file_endpoint_gives() throws Exception {
        GenericFile<File> file = new GenericFile<>();
        file.setFile(Files.writeString(folder.resolve("pipes.csv"), PIPES).toFile());
        file.setBody(file.getFile());
        expectPipes(file);
    }

    @Test
    void a_bean_in_the_route_file_has_its_own_options() throws Exception {
        assertThat(send("direct:semicolon", SEMICOLONS))
                .map(String::valueOf)
                .containsExactlyInAnyOrder("[1, x\ny]", "[2, null]", "[3, -]", "[4, z]");
        assertThat(batches).hasValueGreaterThan(1);
    }

    @Test
    void a_source_without_rows_reaches_the_steps_as_an_empty_batch() throws Exception {
        assertThat(send("direct:delimited", "a|b\n")).isEmpty();
        assertThat(batches).hasValue(1);
    }

    @Test
    void a_malformed_source_fails_the_exchange() throws Exception {
        assertThatThrownBy(() -> send("direct:delimited", "a|b\n1|\"x\"y\n"))
                .isInstanceOf(CamelExecutionException.class)
                .rootCause()
                .isInstanceOf(RowFormatException.class)
                .hasMessageStartingWith("row 1, byte 9: text follows the closing quote");
    }

    @Test
    void a_body_that_is_no_source_fails_the_exchange_with_its_class() throws Exception {
        assertThatThrownBy(() -> send("direct:delimited", new Object()))
                .hasStackTraceContaining("the body is a java.lang.Object");
        assertThatThrownBy(() -> send("direct:delimited", null))
                .hasStackTraceContaining("the body is empty (null)");
    }

    @Test
    void a_stream_that_nobody_reads_is_closed_with_the_exchange_and_not_read() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        InputStream unread =
                new InputStream() {
                    @Override
                    public int read() {
                        throw new AssertionError("read");
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) {
                        throw new AssertionError("read");
                    }

                    @Override
                    public void close() {
                        closed.incrementAndGet();
                    }
                };
        Exchange done =
                main.getCamelTemplate()
                        .send("direct:never-iterated", e -> e.getMessage().setBody(unread));
        assertThat(done.getException()).isNull();
        assertThat(closed).hasValue(1);
    }

    @Test
    void it_only_reads() {
        assertThatThrownBy(() -> new DelimitedDataFormat().marshal(null, null, null))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("only reads");
    }

    @Test
    void a_wrong_option_stops_the_start() throws Exception {
        CamelContext context = new DefaultCamelContext();
        String route =
                """
                - beans:
                    - name: wrong
                      type: org.citusingest.rows.DelimitedDataFormat
                      properties: { quote: "," }
                - route:
                    from:
                      uri: direct:wrong
                      steps:
                        - unmarshal:
                            custom: { ref: wrong }
                """;
        try {
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString("wrong.camel.yaml", route));
            assertThatThrownBy(context::start).hasStackTraceContaining("The option 'quote' is ','");
        } finally {
            context.stop();
        }
    }
}
