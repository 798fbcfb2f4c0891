package org.citusingest.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.citusingest.monitoring.Pages.check;

import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.StorageSharedKeyCredential;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.citusingest.TestAzurite;
import org.citusingest.TestDatabase;
import org.citusingest.ledger.FoundBlob;
import org.citusingest.ledger.Overwrite;
import org.citusingest.pgevent.NotificationComponent;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** The pages of health, with a database and a storage that are there or not. */
class HealthTest {
    private final TestDatabase database = TestDatabase.fresh();

    private static String blobs(String container) {
        return "blobs:" + container + "?delay=600000";
    }

    @Test
    void all_is_up_and_a_stranger_is_told_nothing_but_names() throws Exception {
        BlobContainerClient container = TestAzurite.container();
        try (Watched app = new Watched(database.dataSource(), TestAzurite.client())) {
            app.ledger.install();
            app.route("items", blobs(container.getBlobContainerName()));
            app.pages.awaitCheck("container:items", "");

            HttpResponse<String> known = app.pages.get("/observe/health");
            HttpResponse<String> stranger = app.pages.getAsStranger("/observe/health");

            assertThat(known.statusCode()).isEqualTo(200);
            assertThat(check(known, "ledger").get("message").asText()).isEqualTo("version 2");
            assertThat(stranger.statusCode()).isEqualTo(200);
            assertThat(stranger.body())
                    .isEqualToIgnoringWhitespace(
                            """
                            {"status":"UP","checks":[
                             {"name":"consumer:items","status":"UP"},
                             {"name":"container:items","status":"UP"},
                             {"name":"context","status":"UP"},
                             {"name":"database","status":"UP"},
                             {"name":"ledger","status":"UP"},
                             {"name":"route:items","status":"UP"},
                             {"name":"storage","status":"UP"},
                             {"name":"stuck-loads","status":"UP"}]}
                            """);
            assertThat(app.pages.getAsStranger("/observe/health/ready").body())
                    .contains("context", "database", "ledger", "storage")
                    .doesNotContain("items", "stuck");
            assertThat(app.pages.getAsStranger("/observe/health/live").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_container_that_is_gone_is_down_and_its_process_goes_on_being_ready() throws Exception {
        BlobContainerClient container = TestAzurite.container();
        try (Watched app = new Watched(database.dataSource(), TestAzurite.client())) {
            app.route("items", blobs("none-" + container.getBlobContainerName()));
            app.route("others", blobs(container.getBlobContainerName()));

            HttpResponse<String> page = app.pages.awaitCheck("container:items", "not-found");

            assertThat(page.statusCode()).isEqualTo(503);
            assertThat(check(page, "container:items").get("message").asText())
                    .startsWith("There is no container none-test-")
                    .contains("create it");
            assertThat(check(page, "container:others").get("status").asText()).isEqualTo("UP");
            HttpResponse<String> stranger = app.pages.getAsStranger("/observe/health");
            assertThat(stranger.statusCode()).isEqualTo(503);
            assertThat(stranger.body()).contains("not-found").doesNotContain("test-");
            assertThat(app.pages.getAsStranger("/observe/health/ready").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void a_route_that_goes_takes_its_checks_along() throws Exception {
        BlobContainerClient container = TestAzurite.container();
        try (Watched app = new Watched(database.dataSource(), TestAzurite.client())) {
            app.route("items", blobs("none-" + container.getBlobContainerName()));
            app.pages.awaitCheck("container:items", "not-found");

            app.context.getRouteController().stopRoute("items");
            app.context.removeRoute("items");

            HttpResponse<String> page = app.pages.get("/observe/health");
            assertThat(page.body()).doesNotContain("items");
            assertThat(page.statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_storage_that_refuses_the_key_is_down_with_the_reason() throws Exception {
        String key = Base64.getEncoder().encodeToString("canary".getBytes(StandardCharsets.UTF_8));
        BlobContainerClient container = TestAzurite.container();
        BlobServiceClient wrong =
                new BlobServiceClientBuilder()
                        .endpoint(TestAzurite.client().getAccountUrl())
                        .credential(new StorageSharedKeyCredential("devstoreaccount1", key))
                        .buildClient();
        try (Watched app = new Watched(database.dataSource(), wrong)) {
            app.route("items", blobs(container.getBlobContainerName()));

            HttpResponse<String> page = app.pages.awaitCheck("container:items", "forbidden");

            assertThat(check(page, "container:items").get("message").asText()).contains("403");
            assertThat(check(page, "storage").get("reason").asText()).isEqualTo("forbidden");
            assertThat(page.body()).doesNotContain("canary").doesNotContain(key);
            assertThat(app.pages.getAsStranger("/observe/health/ready").statusCode())
                    .isEqualTo(503);
        }
    }

    @Test
    void without_a_database_it_is_alive_and_not_ready_and_is_both_again_when_it_comes()
            throws Exception {
        PGSimpleDataSource known = (PGSimpleDataSource) database.dataSource();
        PGSimpleDataSource server = new PGSimpleDataSource();
        server.setURL(known.getURL());
        server.setUser(known.getUser());
        server.setPassword("canary");
        int port = known.getPortNumbers()[0];
        server.setPortNumbers(new int[] {1});
        try (Watched app = new Watched(server, null)) {
            HttpResponse<String> page = app.pages.awaitCheck("database", "unreachable");

            assertThat(page.statusCode()).isEqualTo(503);
            assertThat(page.body()).doesNotContain("canary");
            assertThat(app.pages.getAsStranger("/observe/health").body())
                    .doesNotContain("localhost")
                    .doesNotContain("refused");
            assertThat(app.pages.getAsStranger("/observe/health/ready").statusCode())
                    .isEqualTo(503);
            assertThat(app.pages.getAsStranger("/observe/health/live").statusCode()).isEqualTo(200);
            assertThat(app.pages.get("/observe/metrics").body())
                    .contains("citus_ingest_ledger_up 0");

            server.setPortNumbers(new int[] {port});
            app.pages.awaitCheck("database", "");
            app.pages.awaitCheck("ledger", "");
            assertThat(app.pages.getAsStranger("/observe/health/ready").statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void a_ledger_of_another_version_and_loads_that_nobody_ends_are_down() throws Exception {
        try (Watched app = new Watched(database.dataSource(), null)) {
            app.ledger.register("p", "a", "c", List.of(new FoundBlob("x", "1", 1, null)));
            assertThat(app.ledger.claim("p", "a", "c", 5, Overwrite.append)).isPresent();
            database.execute(
                    "UPDATE citus_ingest.load SET lease_until = now() - interval '11 minutes'");
            HttpResponse<String> stuck = app.pages.awaitCheck("stuck-loads", "abandoned");
            assertThat(stuck.statusCode()).isEqualTo(503);
            assertThat(app.pages.getAsStranger("/observe/health/ready").statusCode())
                    .isEqualTo(200);

            database.execute("INSERT INTO citus_ingest.ledger_version (version) VALUES (99)");
            app.pages.awaitCheck("ledger", "other-version");
            assertThat(app.pages.getAsStranger("/observe/health/ready").statusCode())
                    .isEqualTo(503);
        }
    }

    @Test
    void a_channel_that_is_not_heard_is_down() throws Exception {
        PGSimpleDataSource server = new PGSimpleDataSource();
        server.setURL(((PGSimpleDataSource) database.dataSource()).getURL());
        server.setUser("postgres");
        try (Watched app = new Watched(database.dataSource(), null)) {
            NotificationComponent.bind(app.context.getRegistry());
            app.context.getRegistry().bind("db", server);
            app.route("hears", "pgevent:///any/channel?datasource=#db");
            app.pages.awaitCheck("consumer:hears", "");

            server.setPortNumbers(new int[] {1});
            database.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgevent channel'"
                            + " AND datname = current_database()");

            HttpResponse<String> page = app.pages.awaitCheck("consumer:hears", "not-heard");
            assertThat(page.statusCode()).isEqualTo(503);
        }
    }
}
