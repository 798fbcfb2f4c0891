package org.citusingest.blobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.citusingest.TestAzurite;
import org.citusingest.TestDatabase;
import org.citusingest.faults.FaultProxy;
import org.citusingest.faults.Reply;
import org.citusingest.faults.Request;
import org.citusingest.faults.Rule;
import org.citusingest.faults.StorageProxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Outages of the storage, or of the database, while blobs are read. */
class StorageOutageTest {
    private static final int BLOBS = 5;
    private static final String SCHEDULE = "?initialDelay=0&delay=10";

    /** Two ranges, and a part of a third. */
    private static final int BIG = 17 << 20;

    private final TestDatabase database = TestDatabase.fresh();
    private final BlobContainerClient container = TestAzurite.container();
    private final Deliveries deliveries = new Deliveries();
    private StorageProxy proxy;

    @BeforeEach
    void startProxy() {
        proxy = StorageProxy.before(TestAzurite.connectionString());
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }

    /** A client that tries twice, at once. */
    private BlobServiceClient client() {
        return new BlobServiceClientBuilder()
                .connectionString(proxy.connectionString())
                .retryOptions(
                        new RequestRetryOptions(
                                RetryPolicyType.FIXED, 2, (Integer) null, 1L, 1L, null))
                .buildClient();
    }

    private PolledRoute route(String options) throws Exception {
        return new PolledRoute(
                database.dataSource(),
                client(),
                "blobs:" + container.getBlobContainerName() + options,
                deliveries);
    }

    private void upload(String name, String content) {
        container.getBlobClient(name).upload(BinaryData.fromString(content), true);
    }

    private void uploadBlobs() {
        IntStream.range(0, BLOBS).forEach(i -> upload("blob-" + i, "content " + i));
    }

    private List<String> ledger(String columns) {
        return database.rows("SELECT " + columns + " FROM citus_ingest.load ORDER BY id");
    }

    /** All of them, each at its first attempt. */
    private void awaitLoaded() {
        await().untilAsserted(
                        () ->
                                assertThat(ledger("state, attempts, error"))
                                        .hasSize(BLOBS)
                                        .containsOnly("loaded|1|null"));
    }

    private void comeTheTime() {
        database.execute("UPDATE citus_ingest.load SET lease_until = now()");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 429, 500, 503})
    void a_scheduled_route_pauses_while_the_storage_refuses_and_counts_no_attempt(int status)
            throws Exception {
        uploadBlobs();
        Rule<Request, Reply> refusals =
                proxy.on(Request.read(".*")).always().then(Reply.status(status));
        // One that counted would be the last.
        try (PolledRoute route = route(SCHEDULE + "&retryDelay=50&maxAttempts=1")) {
            route.schedule();
            await().until(() -> refusals.hits() >= 4);

            proxy.heal();
            awaitLoaded();
        }
        assertThat(deliveries.all).hasSize(BLOBS);
    }

    @Test
    void a_refusal_ends_the_poll_and_the_storage_is_asked_nothing_during_the_pause()
            throws Exception {
        uploadBlobs();
        Rule<Request, Reply> refusals =
                proxy.on(Request.read(".*")).always().then(Reply.status(403));
        try (PolledRoute route = route(SCHEDULE + "&retryDelay=1h")) {
            route.schedule();
            await().until(() -> refusals.hits() == 1 && ledger("error").contains(REFUSED));
            int requests = proxy.requests();

            // Polls go on every 10 ms and ask the storage nothing: neither a blob nor the listing.
            route.awaitPolls(20);
            assertThat(proxy.requests()).isEqualTo(requests);
        }
        assertThat(ledger("state, attempts")).hasSize(BLOBS).containsOnly("waiting|0");
    }

    private static final String REFUSED =
            "The storage account refuses to read the blob (403 AuthorizationFailure): give the identity the role Storage Blob Data Reader, or check the key";

    @Test
    void a_storage_that_is_gone_amid_a_poll_costs_no_attempt() throws Exception {
        uploadBlobs();
        Rule<Request, Reply> gone =
                proxy.on(Request.read(".*")).then(Reply.run(() -> proxy.down()));
        try (PolledRoute route = route(SCHEDULE + "&retryDelay=50&maxAttempts=1")) {
            route.schedule();
            await().until(() -> gone.hits() == 1 && ledger("attempts").contains("0"));
            await().until(() -> ledger("state").stream().noneMatch("loading"::equals));
            assertThat(ledger("state, attempts")).containsOnly("waiting|0");

            proxy.heal();
            awaitLoaded();
        }
        assertThat(deliveries.all).hasSize(BLOBS);
    }

    @Test
    void a_database_that_is_full_costs_no_attempt() throws Exception {
        uploadBlobs();
        AtomicInteger refusals = new AtomicInteger();
        try (PolledRoute route =
                new PolledRoute(
                        database.dataSource(),
                        client(),
                        "blobs:"
                                + container.getBlobContainerName()
                                + SCHEDULE
                                + "&retryDelay=50&maxAttempts=1",
                        exchange -> {
                            if (refusals.incrementAndGet() <= 3) {
                                throw new SQLException("too many clients", "53300");
                            }
                            deliveries.process(exchange);
                        })) {
            route.schedule();
            awaitLoaded();
        }
        // A pause after each refusal, and no other blob before it was over.
        assertThat(refusals).hasValue(BLOBS + 3);
    }

    @Test
    void a_database_that_is_down_is_asked_again_and_costs_no_attempt() throws Exception {
        PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
        try (FaultProxy network = FaultProxy.before("localhost", source.getPortNumbers()[0])) {
            PGSimpleDataSource proxied = new PGSimpleDataSource();
            proxied.setUrl(network.through(source.getUrl()));
            proxied.setUser(source.getUser());
            try (PolledRoute route =
                    new PolledRoute(
                            proxied,
                            client(),
                            "blobs:" + container.getBlobContainerName() + SCHEDULE,
                            deliveries)) {
                route.poll();
                network.down();
                uploadBlobs();
                route.schedule();
                route.awaitPolls(3);
                assertThat(deliveries.all).isEmpty();
                assertThat(database.count("citus_ingest.load")).isZero();

                network.up();
                awaitLoaded();
            }
        }
        assertThat(deliveries.all).hasSize(BLOBS);
    }

    @Test
    void a_poll_by_hand_counts_refusals_so_that_it_ends() throws Exception {
        upload("a", "x");
        proxy.on(Request.read(".*")).always().then(Reply.status(403));
        try (PolledRoute route = route("?retryDelay=0&maxAttempts=3")) {
            route.poll();
            route.poll();
        }
        assertThat(ledger("state, attempts, error")).containsExactly("failed|3|" + REFUSED);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 429, 503})
    void a_listing_that_is_refused_claims_nothing_and_goes_on_when_it_is_not(int status)
            throws Exception {
        upload("a", "x");
        proxy.on(Request.list()).times(2).then(Reply.status(status));
        try (PolledRoute route = route("")) {
            assertThat(route.pollForError())
                    .get()
                    .extracting(Exception::getMessage)
                    .asString()
                    .contains(container.getBlobContainerName(), status + " ")
                    .doesNotContain("<?xml");
            assertThat(deliveries.all).isEmpty();

            proxy.heal();
            route.poll();
        }
        assertThat(ledger("state, attempts")).containsExactly("loaded|1");
    }

    @ParameterizedTest
    @CsvSource({"500", "503", "429"})
    void a_single_request_that_is_refused_is_repeated_without_failing_the_load(int status)
            throws Exception {
        upload("a", "x".repeat(BIG));
        Rule<Request, Reply> rule = proxy.on(Request.readFurther("a")).then(Reply.status(status));
        try (PolledRoute route = route("")) {
            route.poll();
        }
        assertThat(rule.hits()).isEqualTo(1);
        assertThat(deliveries.contents()).containsExactly("x".repeat(BIG));
        assertThat(ledger("state, attempts")).containsExactly("loaded|1");
    }

    @Test
    void a_range_that_breaks_off_is_read_on_from_where_it_broke_off() throws Exception {
        String content = "0123456789".repeat(BIG / 10);
        upload("a", content);
        Rule<Request, Reply> rule =
                proxy.on(Request.read("a")).nth(2).then(Reply.truncate(100_000));
        try (PolledRoute route = route("")) {
            route.poll();
        }
        assertThat(rule.hits()).isEqualTo(1);
        assertThat(deliveries.contents()).containsExactly(content);
    }

    @Test
    void a_blob_that_always_comes_short_is_never_taken_for_a_whole_one() throws Exception {
        String content = "0123456789".repeat(10_000);
        upload("a", content);
        Rule<Request, Reply> rule = proxy.on(Request.read("a")).always().then(Reply.truncate(10));
        try (PolledRoute route = route("?retryDelay=1h")) {
            route.poll();
            assertThat(rule.hits()).isPositive();
            assertThat(deliveries.all).isEmpty();
            assertThat(ledger("state, attempts")).containsExactly("waiting|1");

            proxy.heal();
            comeTheTime();
            route.poll();
        }
        assertThat(deliveries.contents()).containsExactly(content);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_connection_that_is_lost_amid_a_blob_is_made_again(boolean reset) throws Exception {
        upload("a", "x".repeat(BIG));
        Rule<Request, Reply> rule =
                proxy.on(Request.readFurther("a")).then(reset ? Reply.reset() : Reply.cut());
        try (PolledRoute route = route("")) {
            route.poll();
        }
        assertThat(rule.hits()).isEqualTo(1);
        assertThat(ledger("state, attempts")).containsExactly("loaded|1");
    }
}
