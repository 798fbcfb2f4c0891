package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.citusingest.demo.SampleBlob;
import org.citusingest.demo.SampleData;
import org.citusingest.demo.SampleSchema;
import org.citusingest.demo.SummaryCheck;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file several times the size of the heap, through the example route file-drop. The size is the
 * system property citusingest.test.megabytes.
 */
class LargeFileTest {
    private static final int MEGABYTES = Integer.getInteger("citusingest.test.megabytes", 300);
    private static final String HEAP = MEGABYTES > 500 ? "-Xmx256m" : "-Xmx128m";

    /** A little less than a row of the sample data has. */
    private static final int ROW_BYTES = 95;

    @TempDir private Path folder;
    private Path incoming;

    @BeforeEach
    void newFolder() throws IOException {
        incoming = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "large-file");
    }

    @AfterEach
    void deleteFile() throws IOException {
        for (String name :
                List.of(
                        "large.csv",
                        ".loaded/large.csv",
                        ".failed/large.csv",
                        ".loaded",
                        ".failed",
                        "")) {
            Files.deleteIfExists(incoming.resolve(name));
        }
    }

    @Test
    void is_loaded_by_a_process_with_a_small_heap() throws Exception {
        int rows = (int) (MEGABYTES * 1_000_000L / ROW_BYTES);
        SampleBlob requests = new SampleData(1, rows).blobs().get(0);
        Path file = incoming.resolve("large.csv");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            requests.content().writeTo(out);
        }
        assertThat(Files.size(file)).isGreaterThan(MEGABYTES * 1_000_000L);
        Workspace workspace = new Workspace(folder);
        workspace.route(
                "file-drop.camel.yaml",
                Files.readString(Path.of("routes/examples/file-drop.camel.yaml")));
        SampleSchema.install(workspace.database.dataSource());
        workspace.database.execute("ALTER TABLE http_request SET UNLOGGED");

        long start = System.nanoTime();
        try (ChildApp child =
                ChildApp.start(
                        folder,
                        List.of(HEAP, "-XX:+ExitOnOutOfMemoryError"),
                        Map.of("FILE_DROP_DIR", incoming.toString()),
                        workspace.arguments("load"))) {
            assertThat(child.exitCode()).as(child::err).isZero();
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%d MB, %d rows, %s: %.1f s; %s%n",
                    Files.size(incoming.resolve(".loaded/large.csv")) / 1_000_000,
                    rows,
                    HEAP,
                    seconds,
                    child.out());
        }

        SummaryCheck summary = SummaryCheck.of(workspace.database.dataSource());
        assertThat(summary.requests()).isEqualTo(rows);
        assertThat(summary.equal()).isTrue();
    }
}
