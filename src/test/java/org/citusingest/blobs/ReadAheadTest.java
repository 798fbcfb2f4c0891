package org.citusingest.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobStorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import org.citusingest.TestAzurite;
import org.citusingest.faults.Reply;
import org.citusingest.faults.Request;
import org.citusingest.faults.Rule;
import org.citusingest.faults.StorageProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadAheadTest {
    private static final int RANGE = ReadAheadStream.RANGE_BYTES;
    private static final int AHEAD = 2;

    private final BlobContainerClient container = TestAzurite.container();
    private final StorageProxy proxy = StorageProxy.before(TestAzurite.connectionString());
    private final ThreadPoolExecutor threads = (ThreadPoolExecutor) Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        threads.shutdownNow();
        proxy.close();
    }

    private BlobServiceClient proxied() {
        return new BlobServiceClientBuilder()
                .connectionString(proxy.connectionString())
                .buildClient();
    }

    private byte[] upload(int size) {
        byte[] content = new byte[size];
        new Random(7).nextBytes(content);
        container.getBlobClient("a").upload(BinaryData.fromBytes(content), true);
        return content;
    }

    private BlobReference blob(BlobServiceClient client, int ahead) {
        BlobProperties known = container.getBlobClient("a").getProperties();
        BlobClient blob =
                client.getBlobContainerClient(container.getBlobContainerName()).getBlobClient("a");
        return new BlobReference(
                blob, known.getETag(), known.getBlobSize(), ahead, threads, bytes -> {});
    }

    @ParameterizedTest
    @ValueSource(ints = {1, RANGE - 1, RANGE, RANGE + 1, 3 * RANGE, 5 * RANGE + 17})
    void a_blob_is_read_in_order_by_one_request_a_range(int size) throws Exception {
        byte[] content = upload(size);
        for (int ahead : new int[] {0, 1, AHEAD, 64}) {
            RequestCounter requests = new RequestCounter();
            try (InputStream in = blob(requests.client(), ahead).open()) {
                assertThat(in.readAllBytes()).isEqualTo(content);
                assertThat(in.read()).isEqualTo(-1);
            }
            assertThat(requests.blobReads).hasValue((size + RANGE - 1) / RANGE);
            assertThat(requests.others).hasValue(0);
        }
    }

    @Test
    void as_many_ranges_are_asked_for_as_may_be_and_no_more_before_one_is_read() throws Exception {
        byte[] content = upload(6 * RANGE);
        RequestCounter requests = new RequestCounter();
        try (InputStream in = blob(requests.client(), AHEAD).open()) {
            await().until(() -> threads.getCompletedTaskCount() == 1 + AHEAD);
            assertThat(requests.blobReads).hasValue(1 + AHEAD);

            assertThat(in.readNBytes(RANGE)).hasSize(RANGE);
            assertThat(requests.blobReads).hasValue(1 + AHEAD);
            assertThat(in.read()).isEqualTo(content[RANGE] & 0xff);
            await().until(() -> threads.getCompletedTaskCount() == 2 + AHEAD);
            assertThat(requests.blobReads).hasValue(2 + AHEAD);
        }
    }

    @Test
    void a_range_that_fails_is_told_where_it_would_be_read_and_never_passed_over()
            throws Exception {
        byte[] content = upload(4 * RANGE);
        proxy.on(Request.read("a").and(request -> request.from() == 2L * RANGE))
                .always()
                .then(Reply.status(412));
        try (InputStream in = blob(proxied(), AHEAD).open()) {
            assertThat(in.readNBytes(2 * RANGE)).startsWith(content[0]).hasSize(2 * RANGE);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(in::read)
                        .isInstanceOf(IOException.class)
                        .hasCauseInstanceOf(BlobStorageException.class);
            }
        }
    }

    @Test
    void close_breaks_off_what_the_storage_does_not_answer_and_frees_the_threads()
            throws Exception {
        upload(4 * RANGE);
        Rule<Request, Reply> stalled =
                proxy.on(Request.readFurther("a")).always().then(Reply.stall());
        try (InputStream in = blob(proxied(), AHEAD).open()) {
            assertThat(in.read()).isNotNegative();
            await().until(() -> stalled.hits() >= AHEAD && threads.getActiveCount() >= AHEAD);
        }
        // The storage still does not answer.
        await().until(() -> threads.getActiveCount() == 0);
    }

    @Test
    void a_reader_that_is_interrupted_while_it_waits_is_told_so() throws Exception {
        upload(2 * RANGE);
        proxy.on(Request.read("a")).always().then(Reply.stall());
        try (InputStream in = blob(proxied(), AHEAD).open()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(in::read).isInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
        await().until(() -> threads.getActiveCount() == 0);
    }

    @Test
    void a_blob_is_not_read_on_once_the_threads_have_been_stopped() throws Exception {
        upload(4 * RANGE);
        try (InputStream in = blob(TestAzurite.client(), AHEAD).open()) {
            await().until(() -> threads.getCompletedTaskCount() == 1 + AHEAD);
            threads.shutdownNow();
            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(IOException.class)
                    .hasMessage("The blob is not read on: its route is being stopped");
        }
    }

    @Test
    void an_answer_of_another_length_than_asked_for_is_an_error() {
        RangeBuffer range = new RangeBuffer(8);
        range.begin(16, 4);
        assertThatThrownBy(() -> range.write(new byte[5]))
                .hasMessageContaining("more than the 4 bytes from 16 on");
        assertThatThrownBy(
                        () -> {
                            range.write(new byte[3]);
                            range.requireFull();
                        })
                .hasMessageContaining("3 of the 4 bytes from 16 on");
    }
}
