package org.citusingest.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.AccessTier;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.PageRange;
import com.azure.storage.blob.options.BlobParallelUploadOptions;
import com.azure.storage.blob.specialized.AppendBlobClient;
import com.azure.storage.blob.specialized.PageBlobClient;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.citusingest.TestAzurite;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Test;

class BlobsConsumerTest {
    private final TestDatabase database = TestDatabase.fresh();
    private final BlobContainerClient container = TestAzurite.container();
    private final Deliveries deliveries = new Deliveries();

    private PolledRoute route(String options) throws Exception {
        return new PolledRoute(
                database.dataSource(),
                TestAzurite.client(),
                "blobs:" + container.getBlobContainerName() + options,
                deliveries);
    }

    private BlobClient upload(String name, String content) {
        BlobClient blob = container.getBlobClient(name);
        blob.upload(BinaryData.fromString(content), true);
        return blob;
    }

    private List<String> ledger(String columns) {
        return database.rows("SELECT " + columns + " FROM citus_ingest.load ORDER BY id");
    }

    @Test
    void hands_a_blob_over_once_with_what_is_known_about_it() throws Exception {
        String etag = upload("in/a.csv", "x\n1\n").getProperties().getETag().replace("\"", "");
        try (PolledRoute route = route("")) {
            route.poll();
            route.poll();

            assertThat(deliveries.contents()).containsExactly("x\n1\n");
            assertThat(deliveries.all.get(0).headers())
                    .containsEntry("CamelBlobsAccount", "devstoreaccount1")
                    .containsEntry("CamelBlobsContainer", container.getBlobContainerName())
                    .containsEntry("CamelBlobsBlob", "in/a.csv")
                    .containsEntry("CamelBlobsETag", etag)
                    .containsEntry("CamelBlobsSize", 4L)
                    .containsEntry("CamelBlobsAttempt", 1)
                    .containsEntry(
                            "CamelCitusLoadKey",
                            "devstoreaccount1/%s/in/a.csv@%s"
                                    .formatted(container.getBlobContainerName(), etag));
            assertThat(ledger("blob, etag, size_bytes, state, attempts, pipeline"))
                    .containsExactly("in/a.csv|" + etag + "|4|loaded|1|polled");
            assertThat(route.endpoint().getBytesRead()).isEqualTo(4);
            assertThat(route.endpoint().getBlobsListed()).isEqualTo(2);
            assertThat(route.endpoint().getBlobsClaimed()).isEqualTo(1);
        }
    }

    @Test
    void downloads_nothing_before_the_body_is_read() throws Exception {
        upload("a.csv", "never read");
        RequestCounter requests = new RequestCounter();
        List<String> bodies = new ArrayList<>();
        try (PolledRoute route =
                new PolledRoute(
                        database.dataSource(),
                        requests.client(),
                        "blobs:" + container.getBlobContainerName(),
                        exchange -> bodies.add(exchange.getMessage().getBody().toString()))) {
            route.poll();
        }

        assertThat(bodies).hasSize(1);
        assertThat(bodies.get(0)).startsWith(container.getBlobContainerName() + "/a.csv@");
        assertThat(requests.listings).hasValue(1);
        assertThat(requests.blobReads).hasValue(0);
        assertThat(requests.others).hasValue(0);
    }

    @Test
    void reads_the_listing_page_by_page() throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            names.add("part-" + i);
            upload("part-" + i, "x");
        }
        RequestCounter requests = new RequestCounter();
        try (PolledRoute route =
                new PolledRoute(
                        database.dataSource(),
                        requests.client(),
                        "blobs:" + container.getBlobContainerName() + "?pageSize=3",
                        deliveries)) {
            route.poll();
        }

        assertThat(deliveries.names()).isEqualTo(names);
        assertThat(requests.listings).hasValue(3);
    }

    @Test
    void loads_what_is_included_and_not_excluded_and_registers_nothing_else() throws Exception {
        for (String name :
                List.of("in/a.csv", "in/b.tmp.csv", "in/c.txt", "in/deep/d.csv", "out/e.csv")) {
            upload(name, "x");
        }
        try (PolledRoute route = route("?include=in/**.csv&exclude=**.tmp.*,**/none")) {
            route.poll();
        }

        assertThat(deliveries.names()).containsExactly("in/a.csv", "in/deep/d.csv");
        assertThat(ledger("blob")).containsExactly("in/a.csv", "in/deep/d.csv");
    }

    @Test
    void skips_empty_blobs_and_directory_markers_and_says_why() throws Exception {
        upload("empty.csv", "");
        upload("folder/", "x");
        container
                .getBlobClient("directory")
                .uploadWithResponse(
                        new BlobParallelUploadOptions(BinaryData.fromString("x"))
                                .setMetadata(Map.of("hdi_isfolder", "true")),
                        null,
                        null);
        upload("good.csv", "x");
        try (PolledRoute route = route("")) {
            route.poll();
            route.poll();
        }

        assertThat(deliveries.names()).containsExactly("good.csv");
        assertThat(ledger("blob, state, error"))
                .containsExactly(
                        "directory|skipped|a directory marker",
                        "empty.csv|skipped|zero bytes",
                        "folder/|skipped|a directory marker",
                        "good.csv|loaded|null");
    }

    @Test
    void skips_page_blobs_and_archived_blobs_and_says_why() throws Exception {
        upload("archived.csv", "x").setAccessTier(AccessTier.ARCHIVE);
        upload("cool.csv", "x").setAccessTier(AccessTier.COOL);
        PageBlobClient disk = container.getBlobClient("disk").getPageBlobClient();
        disk.create(512);
        disk.uploadPages(
                new PageRange().setStart(0).setEnd(511), new ByteArrayInputStream(new byte[512]));
        try (PolledRoute route = route("")) {
            route.poll();
        }

        assertThat(deliveries.names()).containsExactly("cool.csv");
        assertThat(ledger("blob, state, error"))
                .containsExactly(
                        "archived.csv|skipped|in the archive tier; when it is rehydrated, reload it",
                        "cool.csv|loaded|null",
                        "disk|skipped|a page blob, which is a disk and no file");
    }

    @Test
    void snapshots_of_a_blob_are_not_loaded() throws Exception {
        upload("a.csv", "old").createSnapshot();
        upload("a.csv", "new");
        try (PolledRoute route = route("")) {
            route.poll();
        }

        assertThat(deliveries.contents()).containsExactly("new");
        assertThat(ledger("blob, state")).containsExactly("a.csv|loaded");
    }

    @Test
    void an_append_blob_that_grows_is_a_new_version_each_time() throws Exception {
        AppendBlobClient blob = container.getBlobClient("a.csv").getAppendBlobClient();
        blob.create();
        append(blob, "1\n");
        try (PolledRoute route = route("")) {
            route.poll();
            append(blob, "2\n");
            route.poll();
        }

        assertThat(deliveries.contents()).containsExactly("1\n", "1\n2\n");
    }

    private static void append(AppendBlobClient blob, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        blob.appendBlock(new ByteArrayInputStream(bytes), bytes.length);
    }

    @Test
    void a_blob_uploaded_again_is_a_new_load() throws Exception {
        try (PolledRoute route = route("")) {
            upload("a.csv", "first");
            route.poll();
            upload("a.csv", "second");
            route.poll();
            // The same bytes, but somebody has uploaded them again.
            upload("a.csv", "second");
            route.poll();
        }

        assertThat(deliveries.contents()).containsExactly("first", "second", "second");
        assertThat(ledger("blob, state"))
                .containsExactly("a.csv|loaded", "a.csv|loaded", "a.csv|loaded");
    }

    @Test
    void takes_every_name_that_a_blob_may_have() throws Exception {
        List<String> names =
                List.of(
                        "a b  c.csv",
                        "it's \"quoted\"; DROP TABLE x;--.csv",
                        "a%2Fb.csv",
                        "100%.csv",
                        "1+1=2&x=#?.csv",
                        "größe/カメラ/🚀.csv",
                        "e\u0301.csv",
                        "../../etc/passwd",
                        "a/../b.csv",
                        "./a.csv",
                        "a//b.csv",
                        "$$.csv",
                        "UPPER.csv",
                        "upper.csv",
                        "/leading.csv",
                        "trailing.",
                        "\u00e9.csv",
                        "two\nlines.csv",
                        "<&>.csv",
                        "x".repeat(1024));
        for (String name : names) {
            upload(name, "content of " + name);
        }
        assertThat(container.listBlobs().stream().map(BlobItem::getName))
                .as("what the storage has")
                .containsExactlyInAnyOrderElementsOf(names);
        try (PolledRoute route = route("")) {
            route.poll();
            route.poll();
        }

        assertThat(deliveries.names()).containsExactlyInAnyOrderElementsOf(names);
        assertThat(deliveries.all)
                .allSatisfy(
                        delivery ->
                                assertThat(delivery.content())
                                        .isEqualTo("content of " + delivery.name()));
    }

    @Test
    void refuses_options_that_make_no_sense_and_names_them() {
        assertThatThrownBy(() -> route("?pageSize=5001").close())
                .hasStackTraceContaining(
                        "blobs: pageSize=5001 is not allowed; it must be 1 to 5000");
        assertThatThrownBy(() -> route("?maxAttempts=0").close())
                .hasStackTraceContaining(
                        "blobs: maxAttempts=0 is not allowed; it must be 1 or more");
        assertThatThrownBy(() -> route("?includes=x").close())
                .hasStackTraceContaining("Unknown parameters=[{includes=x}]");
    }
}
