package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.BlobItem;
import java.nio.file.Path;
import java.util.List;
import org.citusingest.Workspace.Run;
import org.citusingest.faults.Reply;
import org.citusingest.faults.Request;
import org.citusingest.faults.Rule;
import org.citusingest.faults.StorageProxy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of rejected rows where a route has {@code rejectTo}. */
class RejectToTest {
    private static final String BLOB = "items/it's 1%.csv";
    private static final String FILE =
            "id,name\n1,one\nx,\"no, \"\"number\"\"\"\n-3,three\n4,four\n";
    private static final String REJECTED = BLOB + ".load-1.rejected.csv";
    private static final String HEADER = "row_number,byte_offset,column,sqlstate,reason,raw";

    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder).items();
    }

    private void route(String rejectTo, int maxRejects) {
        workspace.route(
                "items.camel.yaml",
                """
                - route:
                    id: items
                    from:
                      uri: blobs:%s
                      parameters: { include: "items/**", retryDelay: "1" }
                      steps:
                        - unmarshal: { custom: { ref: delimited } }
                        - to:
                            uri: citus:item
                            parameters: { maxRejects: "%d", rejectTo: %s }
                """
                        .formatted(
                                workspace.container.getBlobContainerName(), maxRejects, rejectTo));
    }

    private static String read(BlobContainerClient container, String name) {
        return container.getBlobClient(name).downloadContent().toString();
    }

    private static List<String> names(BlobContainerClient container) {
        return container.listBlobs().stream().map(BlobItem::getName).toList();
    }

    @Test
    void rejected_rows_are_a_blob_of_the_other_container() {
        BlobContainerClient other = TestAzurite.container();
        route(other.getBlobContainerName(), 2);
        workspace.upload(BLOB, FILE);
        workspace.upload("items/x-clean.csv", "id,name\n5,five\n");

        Run run = workspace.run("load");

        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(workspace.itemRows()).containsExactly("1|one", "4|four", "5|five");
        assertThat(names(other)).containsExactly(REJECTED);
        assertThat(read(other, REJECTED).lines()).hasSize(3).first().isEqualTo(HEADER);
        assertThat(read(other, REJECTED))
                .contains("2,14,id,22P02,")
                .contains("\"x,\"\"no, \"\"\"\"number\"\"\"\"\"\"\"")
                .contains(",23514,")
                .contains("\"-3,three\"");
    }

    @Test
    void rejected_rows_beside_the_data_are_never_loaded_themselves() {
        route(workspace.container.getBlobContainerName(), 2);
        workspace.upload(BLOB, FILE);

        Run first = workspace.run("load");
        Run second = workspace.run("load");

        assertThat(first.code()).as(first.out() + first.err()).isZero();
        assertThat(second.code()).as(second.out() + second.err()).isZero();
        assertThat(names(workspace.container)).containsExactly(BLOB, REJECTED);
        assertThat(workspace.itemRows()).containsExactly("1|one", "4|four");
        assertThat(workspace.loads("blob, state, error"))
                .containsExactly(
                        BLOB + "|loaded|null", REJECTED + "|skipped|rejected rows of another load");
    }

    @Test
    void a_load_that_fails_leaves_a_blob_of_what_it_rejected() {
        BlobContainerClient other = TestAzurite.container();
        route(other.getBlobContainerName(), 1);
        workspace.upload(BLOB, FILE);

        Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(workspace.itemRows()).isEmpty();
        assertThat(workspace.loads("state, rows_copied, rows_rejected"))
                .containsExactly("failed|0|2");
        assertThat(read(other, REJECTED).lines()).hasSize(3);
    }

    @Test
    void a_container_for_rejected_rows_that_is_missing_leaves_the_load_and_is_named() {
        route("not-there", 2);
        workspace.upload(BLOB, FILE);

        Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(workspace.itemRows()).containsExactly("1|one", "4|four");
        assertThat(workspace.loads("state, rows_rejected, error"))
                .containsExactly(
                        "loaded|2|the rejected rows could not be written to the container not-there:"
                                + " 404 ContainerNotFound; citus-ingest rejects --load 1 shows them");
        assertThat(run.err()).contains("404 ContainerNotFound").doesNotContain("<?xml");
        assertThat(
                        workspace.database.rows(
                                "SELECT convert_from(raw, 'UTF8') FROM citus_ingest.reject"))
                .contains("-3,three");
    }

    @Test
    void a_storage_that_refuses_to_write_rejected_rows_leaves_the_load() {
        route(workspace.container.getBlobContainerName(), 2);
        workspace.upload(BLOB, FILE);
        try (StorageProxy proxy = StorageProxy.before(TestAzurite.connectionString())) {
            workspace.set("storage.connection-string", proxy.connectionString());
            Rule<Request, Reply> rule =
                    proxy.on(Request.write(".*rejected.*")).then(Reply.status(403));

            Run run = workspace.run("load");

            assertThat(rule.hits()).isEqualTo(1);
            assertThat(run.code()).isEqualTo(1);
        }
        assertThat(workspace.itemRows()).containsExactly("1|one", "4|four");
        assertThat(workspace.loads("state, rows_rejected")).containsExactly("loaded|2");
        assertThat(workspace.loads("error").get(0)).contains(": 403 AuthorizationFailure; ");
        assertThat(names(workspace.container)).containsExactly(BLOB);
    }
}
