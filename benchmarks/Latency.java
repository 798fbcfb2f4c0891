import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.citusingest.demo.Azurite;
import org.citusingest.demo.DemoPostgres;

/**
 * How long it takes from the end of an upload until the rows can be seen, while {@code citus-ingest
 * run} polls each second.
 *
 * <p>{@code java -cp target/citus-ingest.jar benchmarks/Latency.java HOME SCRATCH [BLOBS]}. Blobs of 1 MB
 * are uploaded one after the other, at random moments of the poll interval. A row is looked for each millisecond.
 */
final class Latency {
    private static final int POLL_MILLIS = 1000;
    private static final int BYTES = 1_000_000;
    private static final int WARM_UP = 5;

    private Latency() {}

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        Path scratch = Path.of(args[1]).toAbsolutePath();
        int blobs = args.length > 2 ? Integer.parseInt(args[2]) : 40;
        Files.createDirectories(scratch.resolve("routes"));
        Files.copy(home.resolve("application.properties"), scratch.resolve("application.properties"));
        Files.writeString(scratch.resolve("routes/latency.camel.yaml"), ROUTE.formatted(POLL_MILLIS));
        try (DemoPostgres postgres = DemoPostgres.start(scratch.resolve("postgres"));
                Azurite azurite = Azurite.start(home.resolve("target/azurite"), scratch.resolve("azurite"));
                Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password())) {
            execute(connection, "CREATE TABLE reading (upload int, place int, value float8, note text)");
            BlobContainerClient container =
                    new BlobServiceClientBuilder()
                            .connectionString(azurite.connectionString())
                            .buildClient()
                            .createBlobContainer("latency");
            Process app = start(home, scratch, postgres, azurite);
            try {
                measure(container, connection, blobs);
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

    private static Process start(Path home, Path scratch, DemoPostgres postgres, Azurite azurite) throws IOException {
        ProcessBuilder app = new ProcessBuilder(home.resolve("bin/citus-ingest").toString(), "run");
        app.directory(scratch.toFile()).redirectErrorStream(true).redirectOutput(scratch.resolve("app.log").toFile());
        app.environment()
                .putAll(
                        Map.of(
                                "CITUS_URL", postgres.jdbcUrl(),
                                "CITUS_USER", postgres.user(),
                                "CITUS_PASSWORD", postgres.password(),
                                "AZURE_STORAGE_CONNECTION_STRING", azurite.connectionString()));
        return app.start();
    }

    private static void measure(BlobContainerClient container, Connection connection, int blobs) throws Exception {
        RandomGenerator random = RandomGenerator.getDefault();
        List<Double> seen = new ArrayList<>();
        for (int upload = 0; upload < WARM_UP + blobs; upload++) {
            container.getBlobClient(upload + ".csv").upload(BinaryData.fromString(csv(upload, random)));
            long uploaded = System.nanoTime();
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
                "%d blobs of 1 MB, a poll each %d ms: visible %.0f ms after the upload (median; least %.0f, greatest %.0f);"
                        + " %.0f ms from being found to being published%n",
                blobs, POLL_MILLIS, seen.get(seen.size() / 2), seen.get(0), seen.get(seen.size() - 1), pipeline);
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
