package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.citusingest.Workspace.Run;
import org.citusingest.demo.SampleData;
import org.citusingest.demo.SampleSchema;
import org.citusingest.demo.SummaryCheck;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example routes/examples/file-drop.camel.yaml as it is shipped. */
class FileDropTest {
    @TempDir private Path folder;
    private Workspace workspace;
    private Path incoming;

    @BeforeEach
    void newWorkspace() throws IOException {
        workspace = new Workspace(folder);
        incoming = Files.createDirectory(folder.resolve("incoming"));
        SampleSchema.install(workspace.database.dataSource());
        String shipped = Files.readString(Path.of("routes/examples/file-drop.camel.yaml"));
        String placeholder = "{{env:FILE_DROP_DIR:incoming}}";
        assertThat(shipped).contains(placeholder);
        workspace.route("file-drop.camel.yaml", shipped.replace(placeholder, incoming.toString()));
    }

    private static byte[] requests(int part) {
        return new SampleData(3, 500).blobs().get(part).bytes();
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> files = Files.list(of)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void loads_plain_and_gzipped_files_once_and_moves_them_away() throws Exception {
        Files.write(incoming.resolve("a.csv"), requests(0));
        Files.write(incoming.resolve("b.csv.gz"), gzip(requests(1)));
        Files.write(incoming.resolve("c.txt"), requests(2));

        Run run = workspace.run("load");

        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("total: 2 loads, 1000 rows, 0 rejected, 0 failed");
        assertThat(workspace.database.count("http_request")).isEqualTo(1000);
        assertThat(SummaryCheck.of(workspace.database.dataSource()).equal()).isTrue();
        assertThat(names(incoming)).containsExactly("c.txt");
        assertThat(names(incoming.resolve(".loaded"))).containsExactly("a.csv", "b.csv.gz");

        assertThat(workspace.run("load").out()).startsWith("total: 0 loads, 0 rows");
    }

    @Test
    void the_same_file_put_back_loads_nothing_and_a_changed_one_is_a_new_load() throws Exception {
        Path file = Files.write(incoming.resolve("a.csv"), requests(0));
        workspace.run("load");
        Files.move(incoming.resolve(".loaded/a.csv"), file);

        Run again = workspace.run("load");

        assertThat(again.code()).isZero();
        assertThat(workspace.database.count("http_request")).isEqualTo(500);
        assertThat(names(incoming.resolve(".loaded"))).containsExactly("a.csv");
        assertThat(workspace.loads("state, rows_copied")).containsExactly("loaded|500");

        Files.write(file, requests(1));
        assertThat(workspace.run("load").out()).contains("total: 1 loads, 500 rows");
        assertThat(workspace.database.count("http_request")).isEqualTo(1000);
    }

    @Test
    void a_bad_file_is_moved_aside_and_nothing_of_it_is_loaded() throws Exception {
        String bad = new String(requests(0), java.nio.charset.StandardCharsets.UTF_8) + "x,y\n";
        Files.writeString(incoming.resolve("bad.csv"), bad);
        Files.write(incoming.resolve("good.csv"), requests(1));

        Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out())
                .contains("file-drop  failed ")
                .contains("bad.csv")
                .contains("total: 1 loads, 500 rows, 0 rejected, 1 failed");
        assertThat(workspace.database.count("http_request")).isEqualTo(500);
        assertThat(names(incoming)).isEmpty();
        assertThat(names(incoming.resolve(".failed"))).containsExactly("bad.csv");
        assertThat(names(incoming.resolve(".loaded"))).containsExactly("good.csv");
    }
}
