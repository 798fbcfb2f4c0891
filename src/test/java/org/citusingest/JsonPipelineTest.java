package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs of JSON that go through a route of the application, and their rejected rows. */
class JsonPipelineTest {
    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void createTable() {
        workspace = new Workspace(folder);
        workspace.database.execute(
                "CREATE TABLE item (id int CHECK (id > 0), name text, _load_id bigint)");
    }

    private void route(String format) {
        workspace.route(
                "items.camel.yaml",
                """
                - beans:
                    - name: nested
                      type: org.citusingest.rows.json.JsonDataFormat
                      properties: { path: /data/items, columns: "id, name=user.name" }
                - route:
                    id: items
                    from:
                      uri: blobs:%s
                      parameters:
                        include: "items/**"
                      steps:
                        - unmarshal: { custom: { ref: %s } }
                        - to:
                            uri: citus:item
                            parameters: { maxRejects: 10 }
                """
                        .formatted(workspace.container.getBlobContainerName(), format));
    }

    private void load(String blob, String content) {
        workspace.upload("items/" + blob, content);
        Run run = workspace.run("load");
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
    }

    private void replay(String... options) {
        String[] all = new String[options.length + 3];
        all[0] = "replay";
        all[1] = "--load";
        all[2] = "1";
        System.arraycopy(options, 0, all, 3, options.length);
        Run run = workspace.run("rejects", all);
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
    }

    private java.util.List<String> loads() {
        return workspace.loads("id, state, rows_copied, rows_rejected");
    }

    @Test
    void rejected_lines_are_replayed_as_they_are() {
        route("jsonLines");
        load("a.jsonl", "{\"id\":1,\"name\":\"a\"}\n{\"id\":-2,\"name\":\"b\"}\r\n{\"id\":3\n");
        assertThat(loads()).containsExactly("1|loaded|1|2");
        workspace.database.execute("ALTER TABLE item DROP CONSTRAINT item_id_check");

        replay();

        assertThat(workspace.itemRows()).containsExactly("-2|b", "1|a");
        assertThat(loads()).containsExactly("1|loaded|1|0", "2|loaded|1|1");
    }

    @Test
    void rejected_lines_are_replayed_from_a_corrected_file() throws IOException {
        route("jsonLines");
        load("a.jsonl", "{\"id\":1,\"name\":\"a\"}\noops\n{\"id\":3\n");
        Path file = folder.resolve("fixed.jsonl");
        Files.writeString(file, "{\"name\":\"b\",\"id\":2}\n{\"id\":3,\"name\":null}\n");

        replay("--file", file.toString());

        assertThat(workspace.itemRows()).containsExactly("1|a", "2|b", "3|null");
    }

    @Test
    void rejected_records_of_a_document_are_replayed_from_where_the_path_finds_them() {
        route("nested");
        load(
                "a.json",
                "{\"data\":{\"items\":[{\"id\":1,\"user\":{\"name\":\"a\"}},\n  {\"id\":-2,\n\"user\":{}}]}}");
        assertThat(loads()).containsExactly("1|loaded|1|1");
        workspace.database.execute("ALTER TABLE item DROP CONSTRAINT item_id_check");

        replay();

        assertThat(workspace.itemRows()).containsExactly("-2|null", "1|a");
        assertThat(loads()).containsExactly("1|loaded|1|0", "2|loaded|1|0");
    }
}
