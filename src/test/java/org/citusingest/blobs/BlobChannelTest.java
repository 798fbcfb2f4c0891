package org.citusingest.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobStorageException;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.citusingest.TestAzurite;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.parquet.Duck;
import org.citusingest.rows.parquet.ParquetDataFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobChannelTest {
    private static final int AHEAD = 2;

    private final BlobContainerClient container = TestAzurite.container();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final RequestCounter requests = new RequestCounter();
    private final AtomicLong bytes = new AtomicLong();

    @AfterEach
    void close() {
        threads.shutdownNow();
    }

    private BlobReference blob() {
        BlobProperties known = container.getBlobClient("a").getProperties();
        BlobServiceClient client = requests.client();
        return new BlobReference(
                client.getBlobContainerClient(container.getBlobContainerName()).getBlobClient("a"),
                known.getETag(),
                known.getBlobSize(),
                AHEAD,
                threads,
                bytes::addAndGet);
    }

    private byte[] upload(int size) {
        byte[] content = new byte[size];
        new Random(7).nextBytes(content);
        container.getBlobClient("a").upload(BinaryData.fromBytes(content), true);
        return content;
    }

    @Test
    void any_range_is_read_by_as_few_requests_as_it_takes() throws IOException {
        int range = ReadAheadStream.RANGE_BYTES;
        byte[] content = upload(2 * range + 1000);
        try (SeekableByteChannel channel = blob().channel()) {
            assertThat(channel.size()).isEqualTo(content.length);
            ByteBuffer small = ByteBuffer.allocateDirect(100);
            assertThat(channel.position(range - 50).read(small)).isEqualTo(100);
            assertThat(channel.position()).isEqualTo(range + 50);
            assertThat(small.flip()).isEqualTo(ByteBuffer.wrap(content, range - 50, 100));
            assertThat(requests.blobReads).hasValue(1);

            ByteBuffer all = ByteBuffer.allocate(content.length + 5);
            assertThat(channel.position(0).read(all)).isEqualTo(content.length);
            assertThat(all.flip()).isEqualTo(ByteBuffer.wrap(content));
            assertThat(requests.blobReads).hasValue(1 + 3);
            assertThat(channel.read(all.clear())).isEqualTo(-1);
            assertThat(bytes).hasValue(100L + content.length);
        }
    }

    @Test
    void after_its_end_nothing_is_read() throws IOException {
        upload(10);
        SeekableByteChannel closed;
        try (SeekableByteChannel channel = blob().channel()) {
            closed = channel;
            assertThat(closed.isOpen()).isTrue();
        }
        assertThat(closed.isOpen()).isFalse();
        assertThatThrownBy(() -> closed.read(ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(requests.blobReads).hasValue(0);
    }

    @Test
    void a_range_of_which_not_all_comes_is_an_error() throws IOException {
        try (SeekableByteChannel channel =
                new BlobChannel(10, (from, end) -> new ByteArrayInputStream(new byte[3]))) {
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(5)))
                    .isInstanceOf(EOFException.class)
                    .hasMessage("the storage gave 3 of 5 bytes from byte 0 on");
        }
    }

    @Test
    void a_version_that_was_overwritten_is_an_error_and_never_a_mixture() throws IOException {
        upload(5000);
        try (SeekableByteChannel channel = blob().channel()) {
            assertThat(channel.read(ByteBuffer.allocate(10))).isEqualTo(10);
            upload(5000);
            assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(10)))
                    .isInstanceOf(IOException.class)
                    .hasRootCauseInstanceOf(BlobStorageException.class);
        }
    }

    @Test
    void of_parquet_little_more_than_the_wanted_columns_is_downloaded(@TempDir Path folder)
            throws Exception {
        String columns =
                IntStream.range(0, 50)
                        .mapToObj(i -> "hash(i * 50 + %d) AS c%d".formatted(i, i))
                        .collect(Collectors.joining(", "));
        Path file = folder.resolve("a.parquet");
        try (Duck duck = new Duck()) {
            duck.write(
                    file,
                    "SELECT %s FROM range(40000) AS r(i)".formatted(columns),
                    "ROW_GROUP_SIZE 20480");
        }
        container.getBlobClient("a").uploadFromFile(file.toString());
        BlobReference blob = blob();
        assertThat(blob.sizeBytes()).isGreaterThan(15_000_000);

        assertThat(rows(blob, "c7, c8, c30")).isEqualTo(40_000);
        // The metadata at the end, and in each of two row groups two neighbours and one more.
        assertThat(requests.blobReads).hasValue(1 + 2 * 2);
        assertThat(bytes.get()).isLessThan(blob.sizeBytes() / 50 * 3 + (512 << 10));

        requests.blobReads.set(0);
        bytes.set(0);
        assertThat(rows(blob(), "")).isEqualTo(40_000);
        // A row group of 8 MiB is one or two ranges.
        assertThat(requests.blobReads.get()).isBetween(3, 5);
        assertThat(bytes.get()).isLessThan(blob.sizeBytes() + (512 << 10));
    }

    @Test
    void of_parquet_that_was_overwritten_nothing_is_read_on(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("a.parquet");
        try (Duck duck = new Duck()) {
            duck.write(file, "SELECT hash(i) AS a FROM range(200000) AS r(i)");
        }
        container.getBlobClient("a").uploadFromFile(file.toString());
        BlobReference blob = blob();
        container.getBlobClient("a").uploadFromFile(file.toString(), true);

        assertThatThrownBy(() -> rows(blob, ""))
                .isInstanceOf(UncheckedIOException.class)
                .hasRootCauseInstanceOf(BlobStorageException.class)
                .satisfies(
                        e ->
                                assertThat(
                                                BlobFailure.gone(
                                                        e,
                                                        container.getBlobClient("a").getBlobUrl()))
                                        .isPresent());
    }

    private static long rows(BlobReference blob, String columns) throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        ParquetDataFormat format = new ParquetDataFormat();
        format.setColumns(columns);
        try {
            context.start();
            Exchange exchange = new DefaultExchange(context);
            Iterator<?> batches = (Iterator<?>) format.unmarshal(exchange, (Object) blob);
            long rows = 0;
            while (batches.hasNext()) {
                rows += ((RowBatch) batches.next()).size();
            }
            return rows;
        } finally {
            context.stop();
        }
    }
}
