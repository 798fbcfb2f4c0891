package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script benchmarks/run, on few rows. */
class BenchmarkTest {
    @TempDir private Path folder;

    private record Run(int code, String output) {}

    private Run run(String... command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(folder, "benchmark", ".out");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        return new Run(process.waitFor(), Files.readString(output));
    }

    private Run benchmark(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", "benchmarks/run"));
        command.addAll(Arrays.asList(arguments));
        return run(command.toArray(String[]::new));
    }

    /** Starts these classes, as no jar has been packaged yet. */
    private Path app() throws IOException {
        Path app = folder.resolve("citus-ingest");
        Files.writeString(
                app,
                "#!/bin/sh\nexec '%s' -cp '%s' %s \"$@\"\n"
                        .formatted(
                                Path.of(System.getProperty("java.home"), "bin", "java"),
                                System.getProperty("java.class.path"),
                                App.class.getName()));
        assertThat(app.toFile().setExecutable(true)).isTrue();
        return app;
    }

    /** Of each column of the line of this case. */
    private static List<String> line(Run run, String name) {
        return run.output()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> List.of(line.trim().split(" +")))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line " + name + " in " + run.output()));
    }

    @Test
    void files_are_loaded_by_psql_and_by_citus_ingest_and_all_are_in_the_table() throws Exception {
        Run run =
                benchmark(
                        "--rows",
                        "2000",
                        "--rounds",
                        "1",
                        "--app",
                        app().toString(),
                        "psql1",
                        "formats");

        // It says by itself which of the programs it needs is not on this machine.
        Assumptions.assumeFalse(run.output().contains("benchmarks: there is no "), run.output());
        assertThat(run.code()).as(run.output()).isZero();
        assertThat(run.output()).contains("2000 rows, ", "fsync=on");
        assertThat(line(run, "psql1").get(4)).isEqualTo("1.00");
        assertThat(Double.parseDouble(line(run, "file").get(3))).as("load only").isPositive();
        assertThat(line(run, "jsonlines").get(0)).isEqualTo("jsonlines");
        assertThat(line(run, "parquet").get(0)).isEqualTo("parquet");
        assertThat(Integer.parseInt(line(run, "file").get(7))).as("RSS").isGreaterThan(50);
    }

    @Test
    void the_table_has_medians_and_the_ratio_of_the_same_rounds() throws Exception {
        Path cases = folder.resolve("cases");
        Path results = folder.resolve("results");
        Files.writeString(
                cases,
                "psql1 psql1 1000 2000000 1\nfile psql1 1000 2000000 1\n",
                StandardCharsets.UTF_8);
        Files.writeString(
                results,
                """
                psql1 4000 - 10240 100 3000 0
                file 2000 1000 204800 1500 2000 0
                psql1 9000 - 10240 100 3000 0
                file 3000 1200 204800 1500 2000 0
                psql1 5000 - 10240 100 3000 0
                file 2500 1100 204800 1500 2000 500
                """);

        Run run =
                run(
                        "awk",
                        "-v",
                        "markdown=false",
                        "-v",
                        "own_server=1",
                        "-f",
                        "benchmarks/table.awk",
                        cases.toString(),
                        results.toString());

        assertThat(line(run, "psql1"))
                .containsExactly(
                        "psql1", "5.00", "4.0-9.0", "-", "1.00", "200", "0", "10", "0.1", "3.0");
        assertThat(line(run, "file"))
                .containsExactly(
                        "file", "2.50", "2.0-3.0", "1.10", "2.00", "400", "1", "200", "1.5", "2.0");
    }

    @Test
    void a_case_that_there_is_not_is_named() throws Exception {
        Run run = benchmark("psql3");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.output())
                .isEqualTo("benchmarks: there is no case or group psql3, see --help\n");
    }
}
