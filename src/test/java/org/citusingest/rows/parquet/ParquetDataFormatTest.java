package org.citusingest.rows.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.citusingest.rows.RowBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The data format as routes use it. */
class ParquetDataFormatTest {
    private static final Path FILE = ParquetFilesTest.FILES.resolve("plain.parquet");

    private final DefaultCamelContext context = new DefaultCamelContext();

    @AfterEach
    void stop() {
        context.stop();
    }

    private void route(ParquetDataFormat format, List<Integer> sizes) throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:in")
                                .unmarshal(format)
                                .split(body())
                                .streaming()
                                .process(
                                        e ->
                                                sizes.add(
                                                        e.getMessage()
                                                                .getBody(RowBatch.class)
                                                                .size()));
                    }
                });
        context.start();
    }

    @Test
    void a_file_its_bytes_and_a_stream_of_them_are_read_alike() throws Exception {
        ParquetDataFormat format = new ParquetDataFormat();
        format.setBatchRows(120);
        format.setColumns(" ints , structs.a ");
        List<Integer> sizes = new ArrayList<>();
        route(format, sizes);
        for (Object body :
                new Object[] {
                    FILE, FILE.toFile(), Files.readAllBytes(FILE), Files.newInputStream(FILE)
                }) {
            Exchange done =
                    context.createProducerTemplate()
                            .send("direct:in", e -> e.getMessage().setBody(body));
            assertThat(done.getException()).isNull();
        }
        assertThat(sizes).containsExactly(120, 120, 60, 120, 120, 60, 120, 120, 60, 120, 120, 60);
    }

    @Test
    void a_wrong_option_stops_the_start() {
        ParquetDataFormat format = new ParquetDataFormat();
        format.setBatchRows(0);
        assertThatThrownBy(() -> route(format, new ArrayList<>()))
                .hasStackTraceContaining(
                        "The option 'batchRows' is '0', but it must be at least 1");
    }
}
