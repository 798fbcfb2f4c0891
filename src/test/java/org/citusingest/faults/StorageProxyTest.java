package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.DownloadRetryOptions;
import com.azure.storage.blob.options.BlobInputStreamOptions;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import org.citusingest.TestAzurite;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class StorageProxyTest {
    private static final int MEGABYTES = 3;

    private final BlobContainerClient direct = TestAzurite.container();
    private StorageProxy proxy;
    private BlobContainerClient container;
    private byte[] content;

    @BeforeEach
    void startProxy() {
        proxy = StorageProxy.before(TestAzurite.connectionString());
        container = client(1);
        content = new byte[MEGABYTES << 20];
        new Random(1).nextBytes(content);
        direct.getBlobClient("a/b c+ü.bin").upload(BinaryData.fromBytes(content));
    }

    /** A client that tries so many times, one second each. */
    private BlobContainerClient client(int tries) {
        return new BlobServiceClientBuilder()
                .connectionString(proxy.connectionString())
                .retryOptions(
                        new RequestRetryOptions(
                                RetryPolicyType.FIXED,
                                tries,
                                Duration.ofSeconds(2),
                                Duration.ofMillis(1),
                                Duration.ofMillis(1),
                                null))
                .buildClient()
                .getBlobContainerClient(direct.getBlobContainerName());
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }

    private byte[] read(BlobContainerClient from) {
        return from.getBlobClient("a/b c+ü.bin").downloadContent().toBytes();
    }

    private byte[] readInRanges() throws IOException {
        String etag = container.getBlobClient("a/b c+ü.bin").getProperties().getETag();
        try (InputStream in =
                container
                        .getBlobClient("a/b c+ü.bin")
                        .openInputStream(
                                new BlobInputStreamOptions()
                                        .setBlockSize(1 << 20)
                                        .setRequestConditions(
                                                new BlobRequestConditions().setIfMatch(etag)))) {
            return in.readAllBytes();
        }
    }

    @Test
    void passes_signed_requests_and_their_answers_unchanged() throws Exception {
        container.getBlobClient("new/x").upload(BinaryData.fromBytes(content));
        assertThat(container.listBlobs().stream().map(BlobItem::getName))
                .containsExactly("a/b c+ü.bin", "new/x");
        assertThat(readInRanges()).isEqualTo(content);
        assertThat(direct.getBlobClient("new/x").downloadContent().toBytes()).isEqualTo(content);
        assertThat(proxy.requests()).isGreaterThanOrEqualTo(MEGABYTES + 2);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 412, 429, 500, 503})
    void answers_the_second_reading_itself(int status) {
        Rule<Request, Reply> rule =
                proxy.on(Request.read("a/.*")).nth(2).then(Reply.status(status));
        assertThat(read(container)).isEqualTo(content);

        assertThatThrownBy(() -> read(container))
                .isInstanceOfSatisfying(
                        BlobStorageException.class,
                        e -> assertThat(e.getStatusCode()).isEqualTo(status));
        assertThat(read(container)).isEqualTo(content);
        assertThat(rule.hits()).isEqualTo(1);
        assertThat(rule.seen()).isEqualTo(3);
    }

    @Test
    void tells_a_listing_from_a_reading() {
        Rule<Request, Reply> rule = proxy.on(Request.list()).always().then(Reply.status(403));
        assertThatThrownBy(() -> container.listBlobs().stream().count())
                .isInstanceOfSatisfying(
                        BlobStorageException.class,
                        e ->
                                assertThat(e.getErrorCode())
                                        .isEqualTo(BlobErrorCode.AUTHORIZATION_FAILURE));
        assertThat(read(container)).isEqualTo(content);
        assertThat(rule.hits()).isEqualTo(1);
    }

    @Test
    void says_when_to_come_back() throws Exception {
        Rule<Request, Reply> rule =
                proxy.on(Request.any()).times(2).then(Reply.status(503, Duration.ofSeconds(7)));
        HttpURLConnection asked =
                (HttpURLConnection)
                        URI.create(container.getBlobContainerUrl()).toURL().openConnection();
        assertThat(asked.getResponseCode()).isEqualTo(503);
        assertThat(asked.getHeaderField("Retry-After")).isEqualTo("7");

        assertThat(rule.hits()).isEqualTo(1);
    }

    @Test
    void an_overload_passes_and_the_client_tries_again() {
        Rule<Request, Reply> rule = proxy.on(Request.read(".*")).times(2).then(Reply.status(503));
        assertThat(read(client(3))).isEqualTo(content);
        assertThat(rule.hits()).isEqualTo(2);
    }

    @Test
    void ends_a_body_early_and_the_client_notices() {
        Rule<Request, Reply> rule =
                proxy.on(Request.read(".*")).always().then(Reply.truncate(100_000));
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        assertThatThrownBy(
                        () ->
                                container
                                        .getBlobClient("a/b c+ü.bin")
                                        .downloadStreamWithResponse(
                                                got,
                                                null,
                                                new DownloadRetryOptions().setMaxRetryRequests(0),
                                                null,
                                                false,
                                                null,
                                                null))
                .isInstanceOf(RuntimeException.class);
        assertThat(got.size()).isLessThanOrEqualTo(100_000);
        assertThat(rule.hits()).isEqualTo(1);
    }

    @Test
    void damages_one_byte_of_a_body() {
        Rule<Request, Reply> rule =
                proxy.on(Request.read(".*")).then(Reply.corrupt(MEGABYTES << 19));
        byte[] expected = content.clone();
        expected[MEGABYTES << 19] ^= (byte) 0xff;
        assertThat(read(container)).isEqualTo(expected);
        assertThat(rule.hits()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ends_a_connection_instead_of_answering(boolean reset) {
        Rule<Request, Reply> rule =
                proxy.on(Request.read(".*")).then(reset ? Reply.reset() : Reply.cut());
        assertThatThrownBy(() -> read(container)).hasRootCauseInstanceOf(IOException.class);
        assertThat(rule.hits()).isEqualTo(1);
        assertThat(read(container)).isEqualTo(content);
    }

    @Test
    void stalls_one_request_until_the_client_gives_up() {
        Rule<Request, Reply> rule = proxy.on(Request.read(".*")).then(Reply.stall());
        assertThat(read(client(2))).isEqualTo(content);
        assertThat(rule.hits()).isEqualTo(1);
    }

    @Test
    void stalls_everything_until_it_is_resumed() {
        assertThat(read(container)).isEqualTo(content);
        proxy.stall();
        assertThatThrownBy(() -> read(container)).isInstanceOf(RuntimeException.class);
        proxy.resume();
        assertThat(read(container)).isEqualTo(content);
    }

    @Test
    void answers_late() {
        Rule<Request, Reply> rule =
                proxy.on(Request.read(".*")).then(Reply.delay(Duration.ofMillis(300)));
        long start = System.nanoTime();
        assertThat(read(container)).isEqualTo(content);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(300));
        assertThat(rule.hits()).isEqualTo(1);
    }

    @Test
    void lets_the_blob_be_overwritten_between_two_ranges() {
        Rule<Request, Reply> rule =
                proxy.on(Request.readFurther("a/.*"))
                        .then(
                                Reply.run(
                                        () ->
                                                direct.getBlobClient("a/b c+ü.bin")
                                                        .upload(
                                                                BinaryData.fromString("new"),
                                                                true)));
        assertThatThrownBy(this::readInRanges)
                .hasRootCauseInstanceOf(BlobStorageException.class)
                .rootCause()
                .hasMessageContaining("412");
        assertThat(rule.hits()).isEqualTo(1);
    }

    @Test
    void refuses_connections_while_it_is_down() {
        proxy.down();
        assertThatThrownBy(() -> read(container)).hasRootCauseInstanceOf(IOException.class);
        proxy.up();
        assertThat(read(container)).isEqualTo(content);
    }
}
