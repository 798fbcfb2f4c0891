import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.QueueServiceClientBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.citusingest.demo.Azurite;
import org.citusingest.demo.DemoPostgres;
import org.citusingest.demo.Roles;

/**
 * How long it takes from the end of an upload until the rows can be seen, while {@code citus-ingest
 * run} polls each second.
 *
 * <p>{@code java -cp target/citus-ingest.jar benchmarks/Latency.java HOME SCRATCH [poll|events [BLOBS]]}. Blobs of 1 MB
 * are uploaded one after the other, at random moments of the poll interval. A row is looked for each millisecond. With
 * {@code events} the container is polled each minute only, and after each upload its event is put into the queue.
 */
final class Latency {
    private static final int POLL_MILLIS = 1000;
    private static final int BYTES = 1_000_000;
    private static final int WARM_UP = 5;

    private Latency() {}

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        Path scratch = Path.of(args[1]).toAbsolutePath();
        boolean events = args.length > 2 && args[2].equals("events");
        int blobs = args.length > 3 ? Integer.parseInt(args[3]) : 40;
        Files.createDirectories(scratch.resolve("routes"));
        Files.copy(home.resolve("application.properties"), scratch.resolve("application.properties"));
        Files.writeString(scratch.resolve("routes/latency.camel.yaml"), ROUTE.formatted(events ? 60_000 : POLL_MILLIS));
        if (events) {
            Files.copy(home.resolve("routes/blob-events.camel.yaml"), scratch.resolve("routes/blob-events.camel.yaml"));
        }
        try (DemoPostgres postgres = DemoPostgres.start(scratch.resolve("postgres"));
                Azurite azurite = Azurite.start(home.resolve("target/azurite"), scratch.resolve("azurite"));
                Azurite queues = Azurite.startQueues(home.resolve("target/azurite"), scratch.resolve("queues"));
                Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(Roles.DEFAULT.owner()))) {
            execute(connection, "CREATE TABLE reading (upload int, place int, value float8, note text)");
            BlobContainerClient container =
                    new BlobServiceClientBuilder()
                            .connectionString(azurite.connectionString())
                            .buildClient()
                            .createBlobContainer("latency");
            String storage = azurite.connectionString() + queues.endpoint();
            QueueClient queue =
                    new QueueServiceClientBuilder().connectionString(storage).buildClient().createQueue("blob-events");
            Process app = start(home, scratch, postgres, storage);
            try {
                measure(container, connection, blobs, events ? Optional.of(queue) : Optional.empty());
            } finally {
                app.destroy();
                app.waitFor();
            }
        }
    }

    private static final String ROUTE =
            """
            - route:
                id: latency
                from:
                  uri: blobs:latency
                  parameters: { delay: %d }
                  steps:
                    - unmarshal: { custom: { ref: delimited } }
                    - to: citus:reading
            """;

    private static Process start(Path home, Path scratch, DemoPostgres postgres, String storage) throws IOException {
        ProcessBuilder app = new ProcessBuilder(home.resolve("bin/citus-ingest").toString(), "run");
        app.directory(scratch.toFile()).redirectErrorStream(true).redirectOutput(scratch.resolve("app.log").toFile());
        app.environment()
                .putAll(
                        Map.of(
                                "CITUS_URL", postgres.jdbcUrl(Roles.DEFAULT.owner()),
                                "CITUS_USER", "",
                                "CITUS_PASSWORD", "",
                                "AZURE_STORAGE_CONNECTION_STRING", storage,
                                "BLOB_EVENTS", "true"));
        return app.start();
    }

    private static void measure(BlobContainerClient container, Connection connection, int blobs, Optional<QueueClient> queue)
            throws Exception {
        RandomGenerator random = RandomGenerator.getDefault();
        List<Double> seen = new ArrayList<>();
        for (int upload = 0; upload < WARM_UP + blobs; upload++) {
            container.getBlobClient(upload + ".csv").upload(BinaryData.fromString(csv(upload, random)));
            long uploaded = System.nanoTime();
            String name = upload + ".csv";
            queue.ifPresent(to -> to.sendMessage(event(container, name)));
            while (ask(connection, "SELECT EXISTS (SELECT FROM reading WHERE upload = " + upload + ")::int") == 0) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            if (upload >= WARM_UP) {
                seen.add((System.nanoTime() - uploaded) / 1e6);
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(POLL_MILLIS));
        }
        Collections.sort(seen);
        double pipeline =
                ask(
                        connection,
                        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - found_at) * 1000)"
                                + " FROM (SELECT * FROM citus_ingest.load ORDER BY id OFFSET " + WARM_UP + ") AS measured");
        System.out.printf(
                "%d blobs of 1 MB, %s: visible %.0f ms after the upload (median; least %.0f, greatest %.0f);"
                        + " %.0f ms from being found to being published%n",
                blobs, queue.isPresent() ? "an event for each" : "a poll each " + POLL_MILLIS + " ms", seen.get(seen.size() / 2), seen.get(0), seen.get(seen.size() - 1), pipeline);
    }

    /** As Event Grid writes it into a queue. */
    private static String event(BlobContainerClient container, String blob) {
        String event =
                """
                {"topic":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/%1$s",
                 "subject":"/blobServices/default/containers/%2$s/blobs/%3$s","eventType":"Microsoft.Storage.BlobCreated",
                 "eventTime":"%4$s","id":"1","data":{"api":"PutBlob","url":"%5$s/%3$s"}}
                """
                        .formatted(
                                container.getAccountName(),
                                container.getBlobContainerName(),
                                blob,
                                Instant.now(),
                                container.getBlobContainerUrl());
        return Base64.getEncoder().encodeToString(event.getBytes(StandardCharsets.UTF_8));
    }

    private static String csv(int upload, RandomGenerator random) {
        StringBuilder text = new StringBuilder(BYTES + 100).append("upload,place,value,note\n");
        for (int place = 0; text.length() < BYTES; place++) {
            text.append(upload).append(',').append(place).append(',').append(random.nextDouble());
            text.append(",some words of a row that stand for any others\n");
        }
        return text.toString();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static double ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getDouble(1);
        }
    }
}
