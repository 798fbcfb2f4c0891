package org.citusingest.citus;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.Overwrite;
import org.citusingest.rows.DelimitedDataFormat;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowReader;
import org.citusingest.rows.SourceDataFormat;
import org.citusingest.rows.json.JsonLinesDataFormat;
import org.citusingest.rows.parquet.ParquetDataFormat;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How fast one core makes the bytes of a binary COPY from those of a file, without a server: an
 * operation is a million bytes of the rows as CSV, so the score is in MB/s, and of the same rows in
 * other formats it can be compared.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class CopyEncodingBenchmark {
    private static final Claim CLAIM =
            new Claim(
                    1,
                    "p",
                    "a",
                    "c",
                    "b",
                    "e",
                    -1,
                    "o",
                    1,
                    1,
                    Overwrite.append,
                    null,
                    java.time.Instant.EPOCH);
    private static final int MILLIONS_OF_BYTES = 100;

    @Param({"delimited", "jsonLines", "parquet"})
    private String format;

    private final Exchange exchange = new DefaultExchange(new DefaultCamelContext());
    private Object source;
    private CopyTarget target;

    @Setup
    public void readRequests() throws IOException, InterruptedException {
        Path file = Path.of("target", "benchmarks", "jmh.csv");
        Files.createDirectories(file.getParent());
        run("benchmarks/Generate.java", "1000000", "0", file.toString());
        byte[] csv = Files.readAllBytes(file);
        int end = MILLIONS_OF_BYTES * 1_000_000;
        while (csv[end - 1] != '\n') {
            end--;
        }
        csv = Arrays.copyOf(csv, end);
        source =
                switch (format) {
                    case "jsonLines" -> jsonLines(csv);
                    case "parquet" -> parquet(file, csv);
                    default -> csv;
                };
        Table table =
                new Table(
                        "public.http_request",
                        "public.http_request",
                        List.of(
                                column("site_id", ColumnType.INT4),
                                column("ingest_time", ColumnType.TIMESTAMPTZ),
                                column("url", ColumnType.TEXT),
                                column("request_country", ColumnType.TEXT),
                                column("ip_address", ColumnType.TEXT),
                                column("status_code", ColumnType.INT4),
                                column("response_time_msec", ColumnType.INT4)),
                        false,
                        false);
        target =
                CopyTarget.of(
                        table, ColumnMapping.of(table, table.names(), MappingOptions.columns("")));
    }

    private static Table.Column column(String name, ColumnType type) {
        return new Table.Column(name, type.oid(), -1, type.name(), false, null, null);
    }

    /** The same rows, none of which has a quote in it, with their names. */
    private static byte[] jsonLines(byte[] csv) {
        String[] lines = new String(csv, StandardCharsets.UTF_8).split("\n");
        String[] names = lines[0].split(",");
        StringBuilder json = new StringBuilder(csv.length * 2);
        for (int row = 1; row < lines.length; row++) {
            String[] values = lines[row].split(",");
            for (int i = 0; i < names.length; i++) {
                String quote = values[i].matches("-?\\d+") ? "" : "\"";
                json.append(i == 0 ? '{' : ',').append('"').append(names[i]).append("\":");
                json.append(quote).append(values[i]).append(quote);
            }
            json.append("}\n");
        }
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void run(String... program) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("java", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(program));
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException("%s did not write its file, see above".formatted(program[0]));
        }
    }

    /** The same rows, as DuckDB writes them. */
    private static Path parquet(Path file, byte[] csv) throws IOException, InterruptedException {
        Path part = Files.write(file.resolveSibling("jmh-part.csv"), csv);
        Path parquet = file.resolveSibling("jmh.parquet");
        run("benchmarks/Parquet.java", part.toString(), parquet.toString());
        return parquet;
    }

    private RowReader reader() {
        SourceDataFormat read =
                switch (format) {
                    case "jsonLines" -> new JsonLinesDataFormat();
                    case "parquet" -> new ParquetDataFormat();
                    default -> new DelimitedDataFormat();
                };
        return (RowReader)
                read.unmarshal(
                        exchange,
                        source instanceof byte[] bytes ? new ByteArrayInputStream(bytes) : source);
    }

    @Benchmark
    @OperationsPerInvocation(MILLIONS_OF_BYTES)
    public long parse() {
        long rows = 0;
        RowReader reader = reader();
        while (reader.hasNext()) {
            RowBatch batch = reader.next();
            rows += batch.size();
            batch.release();
        }
        return rows;
    }

    @Benchmark
    @OperationsPerInvocation(MILLIONS_OF_BYTES)
    public long parseAndEncode() {
        long bytes = 0;
        Load load = new Load(CLAIM, new EarlierRanges(List.of()));
        BatchEncoder encoder = new BatchEncoder(target, load, new RowsPool());
        RowReader reader = reader();
        while (reader.hasNext()) {
            RowBatch batch = reader.next();
            EncodedBatch encoded = encoder.encode(batch, batch.span(), batch::release);
            bytes += encoded.bytes();
            encoded.done().run();
        }
        return bytes;
    }
}
