package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.queue.QueueServiceClientBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.camel.CamelConfiguration;
import org.apache.camel.CamelContext;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.spi.Registry;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.support.ScheduledPollConsumer;
import org.apache.camel.test.main.junit5.CamelMainTestSupport;
import org.citusingest.citus.LoadResult;
import org.citusingest.demo.SampleBlob;
import org.citusingest.demo.SampleData;
import org.citusingest.demo.SampleSchema;
import org.citusingest.demo.SummaryCheck;
import org.citusingest.events.PoisonMessage;
import org.junit.jupiter.api.Test;

/** The route files as they are shipped, on real servers; each poll is asked for by the test. */
class ShippedRoutesTest extends CamelMainTestSupport {
    private final TestDatabase database = TestDatabase.fresh();
    private final BlobContainerClient logs = TestAzurite.container();
    private final BlobContainerClient reference = TestAzurite.container();
    private final SampleData data = new SampleData(7, 3000);

    @Override
    protected void configure(MainConfigurationProperties configuration) {
        configuration.setRoutesIncludePattern("file:routes/*.camel.yaml");
        configuration.setAutoStartup(false);
        configuration.setStreamCachingEnabled(false);
        configuration.addConfiguration(new FromSettings());
    }

    /** What the application makes of its settings. */
    private final class FromSettings implements CamelConfiguration {
        @Override
        public void configure(CamelContext camel) {
            Properties properties = new Properties();
            properties.put("http-requests.container", logs.getBlobContainerName());
            properties.put("sites.container", reference.getBlobContainerName());
            properties.put("blob-events.enabled", "false");
            properties.put("blob-events.queue", "blob-events");
            camel.getPropertiesComponent().setOverrideProperties(properties);
            ThreadPoolProfile profile = new ThreadPoolProfile("copy");
            profile.setPoolSize(2);
            profile.setMaxPoolSize(2);
            profile.setMaxQueueSize(2);
            camel.getExecutorServiceManager().registerThreadPoolProfile(profile);
        }
    }

    @Override
    protected void bindToRegistry(Registry registry) {
        SampleSchema.install(database.dataSource());
        registry.bind("citus", database.dataSource());
        registry.bind("blobServiceClient", TestAzurite.client());
        registry.bind("loadResult", new LoadResult());
        registry.bind("poisonMessage", new PoisonMessage());
        registry.bind(
                "queueServiceClient",
                new QueueServiceClientBuilder()
                        .endpoint("http://127.0.0.1:1/devstoreaccount1")
                        .buildClient());
    }

    private void poll(String route) throws Exception {
        ScheduledPollConsumer consumer =
                (ScheduledPollConsumer) context.getRoute(route).getConsumer();
        consumer.setStartScheduler(false);
        context.getRouteController().startRoute(route);
        consumer.run();
    }

    private void upload(String container) {
        for (SampleBlob blob : data.blobs()) {
            if (blob.container().equals(container)) {
                (container.equals(SampleData.LOGS) ? logs : reference)
                        .getBlobClient(blob.name())
                        .upload(BinaryData.fromBytes(blob.bytes()), true);
            }
        }
    }

    private List<String> loads(String columns) {
        return database.rows("SELECT " + columns + " FROM citus_ingest.load ORDER BY blob, id");
    }

    @Test
    void http_requests_loads_plain_gzip_and_ugly_files_and_the_summary_equals_a_recount()
            throws Exception {
        upload(SampleData.LOGS);
        logs.getBlobClient("other/not.csv").upload(BinaryData.fromString("x"));

        poll("http-requests");

        assertThat(loads("blob, state, rows_copied, summarized_at IS NOT NULL"))
                .containsExactly(
                        "http/2026-11-01/part-000.csv|loaded|3000|t",
                        "http/2026-11-01/part-001.csv|loaded|3000|t",
                        "http/2026-11-01/part-002.csv|loaded|3000|t",
                        "http/2026-11-01/part-003.csv|loaded|3000|t",
                        "http/2026-11-01/part-004.csv|loaded|3000|t",
                        "http/2026-11-02/empty.csv|skipped|0|f",
                        "http/2026-11-02/late.csv.gz|loaded|3000|t",
                        "http/2026-11-02/ugly.csv|loaded|15|t");
        SummaryCheck summary = SummaryCheck.of(database.dataSource());
        assertThat(summary.requests()).isEqualTo(data.rows(SampleData.LOGS)).isEqualTo(18_015);
        assertThat(summary.equal()).isTrue();
        assertThat(summary.minutes()).isPositive();
    }

    @Test
    void http_requests_adds_nothing_twice_and_a_changed_file_once() throws Exception {
        upload(SampleData.LOGS);
        poll("http-requests");
        poll("http-requests");
        assertThat(database.count("http_request")).isEqualTo(18_015);

        byte[] part = data.blobs().get(0).bytes();
        logs.getBlobClient("http/2026-11-01/part-000.csv").upload(BinaryData.fromBytes(part), true);
        poll("http-requests");

        assertThat(database.count("http_request")).isEqualTo(21_015);
        assertThat(SummaryCheck.of(database.dataSource()).equal()).isTrue();
        assertThat(loads("blob").stream().filter(blob -> blob.contains("part-000"))).hasSize(2);
    }

    @Test
    void the_ugly_file_holds_what_it_says() throws Exception {
        upload(SampleData.LOGS);
        poll("http-requests");

        String ugly =
                "http_request WHERE _load_id = (SELECT id FROM citus_ingest.load WHERE blob LIKE '%ugly.csv')";
        assertThat(database.rows("SELECT url FROM " + ugly + " AND url LIKE '/two%'"))
                .containsExactlyInAnyOrder("/two\nlines", "/two\r\nwindows lines");
        assertThat(database.rows("SELECT url FROM " + ugly + " AND url LIKE '/say%'"))
                .containsExactly("/say?q=\"hello\"");
        assertThat(
                        database.rows(
                                "SELECT ingest_time AT TIME ZONE 'UTC', request_country FROM "
                                        + ugly
                                        + " AND url LIKE '/tab%'"))
                .containsExactly("2026-11-01 10:02:30|\\N");
    }

    @Test
    void sites_have_their_hosts_in_small_letters_and_all_else_as_it_was() throws Exception {
        upload(SampleData.REFERENCE);

        poll("sites");
        poll("sites");

        assertThat(loads("blob, state, rows_copied")).containsExactly("sites/sites.csv|loaded|200");
        assertThat(database.count("site")).isEqualTo(200);
        assertThat(database.count("site WHERE host <> lower(host)")).isZero();
        // The file as PostgreSQL itself reads it; but Camel's csv tells no empty field from none.
        database.execute("CREATE TABLE original (site_id int, name text, host text, country text)");
        copyOriginal();
        assertThat(
                        database.count(
                                "site FULL JOIN original USING (site_id) WHERE site.name IS DISTINCT FROM original.name"
                                        + " OR site.country IS DISTINCT FROM coalesce(original.country, '')"
                                        + " OR site.host IS DISTINCT FROM lower(original.host)"))
                .isZero();
        assertThat(database.count("original WHERE host <> lower(host)")).isPositive();
    }

    private void copyOriginal() throws Exception {
        List<byte[]> file = new ArrayList<>();
        data.blobs().stream()
                .filter(blob -> blob.container().equals(SampleData.REFERENCE))
                .forEach(blob -> file.add(blob.bytes()));
        try (java.sql.Connection connection = database.dataSource().getConnection()) {
            connection
                    .unwrap(org.postgresql.PGConnection.class)
                    .getCopyAPI()
                    .copyIn(
                            "COPY original FROM STDIN (FORMAT csv, HEADER)",
                            new java.io.StringReader(
                                    new String(file.get(0), StandardCharsets.UTF_8)));
        }
    }
}
