package org.citusingest.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.citusingest.TestAzurite;
import org.citusingest.TestDatabase;
import org.citusingest.blobs.RequestCounter.Reads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlobsFaultTest {
    /**
     * More than is downloaded before the first byte is read: the last range is not asked for yet.
     */
    private static final int BIG = 33 << 20;

    /** Azurite answers a condition on a blob that is deleted as it does on one overwritten. */
    private static final String GONE =
            "skipped|overwritten or deleted before it was read; a new version is a load of its own";

    private final TestDatabase database = TestDatabase.fresh();
    private final BlobContainerClient container = TestAzurite.container();
    private final BlobClient blob = container.getBlobClient("a.csv");
    private final Deliveries deliveries = new Deliveries();

    private PolledRoute route(String options, Processor step) throws Exception {
        return new PolledRoute(
                database.dataSource(),
                TestAzurite.client(),
                "blobs:" + container.getBlobContainerName() + options,
                step);
    }

    private static void upload(BlobClient blob, String content) {
        blob.upload(BinaryData.fromString(content), true);
    }

    private List<String> ledger(String columns) {
        return database.rows("SELECT " + columns + " FROM citus_ingest.load ORDER BY id");
    }

    @Test
    void a_blob_overwritten_after_its_claim_is_skipped_and_its_new_version_loaded()
            throws Exception {
        upload(blob, "old");
        AtomicBoolean overwritten = new AtomicBoolean();
        try (PolledRoute route =
                route(
                        "",
                        exchange -> {
                            if (overwritten.compareAndSet(false, true)) {
                                upload(blob, "new");
                            }
                            deliveries.process(exchange);
                        })) {
            route.poll();
            assertThat(ledger("state, error")).containsExactly(GONE);

            route.poll();
        }

        assertThat(deliveries.contents()).containsExactly("new");
        assertThat(ledger("state")).containsExactly("skipped", "loaded");
    }

    @Test
    void a_blob_overwritten_while_it_is_read_is_never_a_mixture() throws Exception {
        upload(blob, "a".repeat(BIG));
        StringBuilder read = new StringBuilder();
        AtomicBoolean overwritten = new AtomicBoolean();
        try (PolledRoute route =
                route(
                        "",
                        exchange -> {
                            byte[] bytes = new byte[1 << 16];
                            try (InputStream in = body(exchange)) {
                                for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                                    read.append(new String(bytes, 0, n, StandardCharsets.US_ASCII));
                                    if (overwritten.compareAndSet(false, true)) {
                                        upload(blob, "b".repeat(BIG));
                                    }
                                }
                            }
                        })) {
            route.poll();
            assertThat(read).hasSizeBetween(1, BIG - 1).doesNotContain("b");
            assertThat(ledger("state")).containsExactly("skipped");

            read.setLength(0);
            route.poll();
            assertThat(read).hasSize(BIG).doesNotContain("a");
        }
        assertThat(ledger("state")).containsExactly("skipped", "loaded");
    }

    @Test
    void a_blob_deleted_before_it_is_read_is_skipped() throws Exception {
        upload(blob, "x");
        try (PolledRoute route =
                route(
                        "",
                        exchange -> {
                            blob.delete();
                            deliveries.process(exchange);
                        })) {
            route.poll();
        }

        assertThat(deliveries.all).isEmpty();
        assertThat(ledger("state, error")).containsExactly(GONE);
    }

    @Test
    void a_blob_deleted_while_it_is_read_is_skipped() throws Exception {
        upload(blob, "a".repeat(BIG));
        try (PolledRoute route =
                route(
                        "",
                        exchange -> {
                            try (InputStream in = body(exchange)) {
                                int first = in.read();
                                assertThat(first).isEqualTo('a');
                                blob.delete();
                                in.readAllBytes();
                            }
                        })) {
            route.poll();
        }

        assertThat(ledger("state, error")).containsExactly(GONE);
    }

    @Test
    void a_blob_is_not_skipped_because_another_one_that_a_step_wants_is_missing() throws Exception {
        upload(blob, "x");
        try (PolledRoute route =
                route(
                        "?retryDelay=1h",
                        exchange -> container.getBlobClient("lookup").downloadContent())) {
            route.poll();
        }

        assertThat(ledger("state, attempts, error"))
                .containsExactly("waiting|1|The blob cannot be read: 404 BlobNotFound");
    }

    @Test
    void a_transient_failure_is_tried_again_after_a_time_that_doubles_until_it_is_given_up()
            throws Exception {
        upload(blob, "x");
        try (PolledRoute route =
                route(
                        "?retryDelay=1h&maxAttempts=3",
                        exchange -> {
                            throw new IOException("the network is down");
                        })) {
            route.poll();
            assertThat(ledger("state, attempts, " + WAIT_HOURS + ", error"))
                    .containsExactly("waiting|1|1|IOException: the network is down");

            // Nothing comes before its time.
            route.poll();
            assertThat(ledger("state, attempts")).containsExactly("waiting|1");

            comeTheTime();
            route.poll();
            assertThat(ledger("state, attempts, " + WAIT_HOURS)).containsExactly("waiting|2|2");

            comeTheTime();
            route.poll();
            assertThat(ledger("state, attempts, error"))
                    .containsExactly("failed|3|IOException: the network is down");

            route.poll();
            assertThat(ledger("state, attempts")).containsExactly("failed|3");
            assertThat(route.endpoint().getBlobsFailed()).isEqualTo(3);
        }
    }

    private static final String WAIT_HOURS =
            "round(extract(epoch FROM lease_until - finished_at) / 3600)";

    private void comeTheTime() {
        database.execute("UPDATE citus_ingest.load SET lease_until = now()");
    }

    @Test
    void an_attempt_that_goes_well_after_one_that_did_not_is_a_load_like_any_other()
            throws Exception {
        upload(blob, "x");
        try (PolledRoute route =
                route(
                        "?retryDelay=0",
                        exchange -> {
                            if (exchange.getMessage()
                                            .getHeader(BlobsConstants.ATTEMPT, Integer.class)
                                    == 1) {
                                throw new SQLException("too many clients", "53300");
                            }
                            deliveries.process(exchange);
                        })) {
            route.poll();
        }

        assertThat(deliveries.contents()).containsExactly("x");
        assertThat(ledger("state, attempts, error")).containsExactly("loaded|2|null");
    }

    @Test
    void a_permanent_failure_is_tried_once() throws Exception {
        upload(blob, "x");
        try (PolledRoute route =
                route(
                        "?retryDelay=0",
                        exchange -> {
                            throw new SQLException("invalid input syntax", "22P02");
                        })) {
            route.poll();
            route.poll();
        }

        assertThat(ledger("state, attempts, error"))
                .containsExactly("failed|1|invalid input syntax");
    }

    @Test
    void a_blob_that_cannot_be_loaded_keeps_no_other_from_it() throws Exception {
        for (String name : List.of("1", "2-poison", "3", "4-unlucky", "5")) {
            upload(container.getBlobClient(name), name);
        }
        try (PolledRoute route =
                route(
                        "?retryDelay=1h",
                        exchange -> {
                            String content = Deliveries.read(exchange);
                            if (content.endsWith("poison")) {
                                throw new IllegalArgumentException("a bad file");
                            }
                            if (content.endsWith("unlucky")) {
                                throw new IOException("a bad day");
                            }
                        })) {
            route.poll();
        }

        assertThat(ledger("blob, state"))
                .containsExactly(
                        "1|loaded", "2-poison|failed", "3|loaded", "4-unlucky|waiting", "5|loaded");
    }

    @ParameterizedTest
    @CsvSource({
        "REFUSED, The storage account refuses to read the blob (403 AuthorizationFailure)",
        "UNREACHABLE, UnknownHostException: 127.0.0.1:1"
    })
    void a_storage_that_fails_while_a_blob_is_opened_is_a_transient_failure(
            Reads fault, String message) throws Exception {
        upload(blob, "x");
        RequestCounter requests = new RequestCounter();
        requests.reads = fault;
        try (PolledRoute route =
                new PolledRoute(
                        database.dataSource(),
                        requests.client(),
                        "blobs:" + container.getBlobContainerName() + "?retryDelay=1h",
                        deliveries)) {
            route.poll();
            assertThat(ledger("state, attempts")).containsExactly("waiting|1");
            assertThat(ledger("error").get(0)).contains(message);

            requests.reads = Reads.ANSWERED;
            comeTheTime();
            route.poll();
        }

        assertThat(deliveries.contents()).containsExactly("x");
        assertThat(ledger("state, attempts")).containsExactly("loaded|2");
    }

    @Test
    void a_failure_after_the_load_leaves_it_loaded_and_is_noted() throws Exception {
        upload(blob, "x");
        try (PolledRoute route =
                route(
                        "",
                        exchange -> {
                            database.execute("UPDATE citus_ingest.load SET state = 'loaded'");
                            throw new IllegalStateException("the summary failed");
                        })) {
            route.poll();
            route.poll();
        }

        assertThat(ledger("state, attempts, error"))
                .containsExactly("loaded|1|IllegalStateException: the summary failed");
    }

    @Test
    void a_missing_container_is_named_by_the_poll_and_found_when_it_is_there() throws Exception {
        String name = container.getBlobContainerName() + "-later";
        try (PolledRoute route =
                new PolledRoute(
                        database.dataSource(), TestAzurite.client(), "blobs:" + name, deliveries)) {
            assertThat(route.pollForError())
                    .get()
                    .extracting(Exception::getMessage)
                    .isEqualTo(
                            "There is no container %s in this storage account: create it, or name another in blobs:%s"
                                    .formatted(name, name));

            TestAzurite.client().createBlobContainer(name);
            upload(TestAzurite.client().getBlobContainerClient(name).getBlobClient("a"), "x");
            route.poll();
        }
        assertThat(deliveries.contents()).containsExactly("x");
    }

    private static InputStream body(Exchange exchange) throws Exception {
        return exchange.getMessage().getMandatoryBody(InputStream.class);
    }
}
