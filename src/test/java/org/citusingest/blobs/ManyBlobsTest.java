package org.citusingest.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.zaxxer.hikari.HikariDataSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.citusingest.TestAzurite;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Test;

class ManyBlobsTest {
    /** More of them say the same: with 10,000 the emulator is busy for minutes. */
    private static final int BLOBS = Integer.getInteger("citusingest.test.blobs", 500);

    private static final int PAGE = BLOBS / 5;

    private final TestDatabase database = TestDatabase.fresh();
    private final BlobContainerClient container = TestAzurite.container();

    private void upload(int blobs) throws Exception {
        BinaryData content = BinaryData.fromString("x");
        inParallel(
                8,
                blobs,
                i ->
                        container
                                .getBlobClient(String.format(Locale.ROOT, "blob-%05d", i))
                                .upload(content));
    }

    private interface Task {
        void run(int number) throws Exception;
    }

    private static void inParallel(int threads, int tasks, Task task) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> running =
                    IntStream.range(0, tasks)
                            .<Future<?>>mapToObj(
                                    i ->
                                            pool.submit(
                                                    () -> {
                                                        task.run(i);
                                                        return null;
                                                    }))
                            .toList();
            for (Future<?> one : running) {
                one.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void a_poll_over_loaded_blobs_costs_a_statement_a_page_and_three_to_claim() throws Exception {
        upload(BLOBS);
        RequestCounter requests = new RequestCounter();
        HikariDataSource pool = new HikariDataSource();
        pool.setDataSource(database.dataSource());
        CountingDatabase counting = new CountingDatabase(pool);
        try (pool;
                PolledRoute route =
                        new PolledRoute(
                                counting.dataSource(),
                                requests.client(),
                                "blobs:" + container.getBlobContainerName() + "?pageSize=" + PAGE,
                                exchange -> {})) {
            route.poll();
            assertThat(database.count("citus_ingest.load WHERE state = 'loaded'")).isEqualTo(BLOBS);
            counting.statements.set(0);
            requests.listings.set(0);

            route.poll();

            assertThat(requests.listings).as("pages").hasValue(BLOBS / PAGE);
            assertThat(counting.statements).hasValue(BLOBS / PAGE + 3);
            assertThat(requests.blobReads).hasValue(0);
            assertThat(requests.others).hasValue(0);
        }
    }

    @Test
    void two_replicas_share_the_blobs_of_a_container_and_load_each_once() throws Exception {
        upload(60);
        Deliveries one = new Deliveries();
        Deliveries other = new Deliveries();
        String uri = "blobs:" + container.getBlobContainerName();
        try (PolledRoute first =
                        new PolledRoute(database.dataSource(), TestAzurite.client(), uri, one);
                PolledRoute second =
                        new PolledRoute(database.dataSource(), TestAzurite.client(), uri, other)) {
            inParallel(2, 2, i -> (i == 0 ? first : second).poll());
        }

        assertThat(one.all).isNotEmpty();
        assertThat(other.all).isNotEmpty();
        assertThat(one.names()).doesNotContainAnyElementsOf(other.names());
        assertThat(one.all.size() + other.all.size()).isEqualTo(60);
        assertThat(database.rows("SELECT DISTINCT state, attempts FROM citus_ingest.load"))
                .containsExactly("loaded|1");
        assertThat(database.count("citus_ingest.load")).isEqualTo(60);
        assertThat(database.ask("SELECT count(DISTINCT owner) FROM citus_ingest.load"))
                .isEqualTo("2");
    }
}
