import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.citusingest.demo.DemoPostgres;
import org.citusingest.demo.Roles;

/**
 * What one poll of a container costs in which the ledger knows nearly all blobs.
 *
 * <p>{@code java -cp target/citus-ingest.jar benchmarks/Listing.java HOME SCRATCH [BLOBS...]}. The container is one that
 * this program makes up: it answers "List Blobs" in pages of 5,000 as Azure does, at once, so that what is measured is
 * ours. Each poll finds ten blobs that are new. Beside it, the same listing is read by the storage client alone.
 */
final class Listing {
    private static final int POLLS = 15;
    private static final int NEW = 10;
    private static final int PAGE = 5000;
    private static final byte[] ROWS = "id,note\n1,a row\n".getBytes(StandardCharsets.UTF_8);

    private static final String ROUTE =
            """
            - route:
                id: listing
                from:
                  uri: blobs:listing
                  parameters: { delay: 300, batchFiles: 500 }
                  steps:
                    - unmarshal: { custom: { ref: delimited } }
                    - to: citus:note
            """;

    private Listing() {}

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        Path scratch = Path.of(args[1]).toAbsolutePath();
        int[] sizes =
                args.length > 2
                        ? IntStream.range(2, args.length).map(at -> Integer.parseInt(args[at])).toArray()
                        : new int[] {1000, 10_000, 100_000};
        Files.createDirectories(scratch.resolve("routes"));
        Files.copy(home.resolve("application.properties"), scratch.resolve("application.properties"));
        Files.writeString(scratch.resolve("routes/listing.camel.yaml"), ROUTE);
        System.out.println("| known blobs | pages | listing alone, ms | to the last page of a poll, ms | to the rows of 10 new blobs, ms |");
        System.out.println("|---:|---:|---:|---:|---:|");
        for (int size : sizes) {
            try (DemoPostgres postgres = DemoPostgres.start(scratch.resolve("postgres-" + size));
                    Container container = new Container(size);
                    Connection connection =
                            DriverManager.getConnection(postgres.jdbcUrl(Roles.DEFAULT.owner()))) {
                execute(connection, "CREATE TABLE note (id int, note text)");
                Process app = start(home, scratch, postgres, container);
                try {
                    measure(container, connection, size);
                } finally {
                    app.destroy();
                    app.waitFor();
                }
            }
        }
    }

    private static Process start(Path home, Path scratch, DemoPostgres postgres, Container container) throws IOException {
        ProcessBuilder app = new ProcessBuilder(home.resolve("bin/citus-ingest").toString(), "run");
        app.directory(scratch.toFile()).redirectErrorStream(true).redirectOutput(scratch.resolve("app.log").toFile());
        app.environment()
                .putAll(
                        Map.of(
                                "CITUS_URL", postgres.jdbcUrl(Roles.DEFAULT.owner()),
                                "CITUS_USER", "",
                                "CITUS_PASSWORD", "",
                                "AZURE_STORAGE_CONNECTION_STRING", container.connectionString()));
        return app.start();
    }

    private static void measure(Container container, Connection connection, int size) throws Exception {
        // What has no bytes is skipped: the ledger knows it as well as what was loaded.
        while (!exists(connection, "SELECT to_regclass('citus_ingest.load') IS NOT NULL")
                || !exists(connection, "SELECT count(*) >= " + size + " FROM citus_ingest.load")) {
            TimeUnit.MILLISECONDS.sleep(100);
        }
        List<Double> listed = new ArrayList<>();
        List<Double> loaded = new ArrayList<>();
        for (int poll = 0; poll < POLLS; poll++) {
            int polls = container.polls();
            container.more.addAndGet(NEW);
            while (!exists(connection, "SELECT count(*) >= " + container.more.get() + " FROM note")) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            long now = System.nanoTime();
            Container.Poll found = container.found(polls);
            listed.add((found.end - found.start) / 1e6);
            loaded.add((now - found.start) / 1e6);
        }
        BlobContainerClient client =
                new BlobServiceClientBuilder()
                        .connectionString(container.connectionString())
                        .buildClient()
                        .getBlobContainerClient("alone");
        List<Double> alone = new ArrayList<>();
        for (int time = 0; time < POLLS; time++) {
            long start = System.nanoTime();
            client.listBlobs(new ListBlobsOptions().setMaxResultsPerPage(PAGE), null)
                    .iterableByPage()
                    .forEach(page -> page.getValue().size());
            alone.add((System.nanoTime() - start) / 1e6);
        }
        System.out.printf(
                "| %d | %d | %.0f | %.0f | %.0f |%n",
                size, (size + container.more.get() + PAGE - 1) / PAGE, median(alone), median(listed), median(loaded));
    }

    private static double median(List<Double> of) {
        Collections.sort(of);
        return of.get(of.size() / 2);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static boolean exists(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    /** A container of empty blobs, and of some more with a row each. */
    private static final class Container implements AutoCloseable {
        final AtomicInteger more = new AtomicInteger();
        private final int empty;
        private final HttpServer server;
        private final List<Poll> polls = new ArrayList<>();

        Container(int empty) throws IOException {
            this.empty = empty;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newCachedThreadPool());
            server.createContext("/", this::answer);
            server.start();
        }

        String connectionString() {
            return "DefaultEndpointsProtocol=http;AccountName=made;AccountKey=bWFkZXVw;BlobEndpoint=http://127.0.0.1:%d/made;"
                    .formatted(server.getAddress().getPort());
        }

        synchronized int polls() {
            return polls.size();
        }

        /** The poll that found what was added after so many polls had begun: its list began after it, and is the first. */
        synchronized Poll found(int after) {
            return polls.stream().skip(after > 0 ? after - 1 : 0).filter(poll -> poll.more == more.get()).findFirst().orElseThrow();
        }

        private void answer(HttpExchange http) throws IOException {
            try (http) {
                http.getRequestBody().readAllBytes();
                Map<String, String> query = query(http.getRequestURI().getRawQuery());
                http.getResponseHeaders().set("x-ms-version", "2025-07-05");
                if ("list".equals(query.get("comp"))) {
                    list(http, query);
                } else {
                    http.getResponseHeaders().set("ETag", "\"0x1\"");
                    http.getResponseHeaders().set("x-ms-blob-type", "BlockBlob");
                    http.getResponseHeaders().set("Content-Range", "bytes 0-%d/%d".formatted(ROWS.length - 1, ROWS.length));
                    http.getResponseHeaders().set("Last-Modified", "Wed, 25 Nov 2026 00:00:00 GMT");
                    http.sendResponseHeaders(206, ROWS.length);
                    http.getResponseBody().write(ROWS);
                }
            }
        }

        private void list(HttpExchange http, Map<String, String> query) throws IOException {
            boolean counted = http.getRequestURI().getPath().endsWith("/listing");
            int from = Integer.parseInt(query.getOrDefault("marker", "0"));
            Poll poll;
            synchronized (this) {
                if (from == 0 && counted) {
                    polls.add(new Poll(System.nanoTime(), more.get()));
                }
                poll = polls.isEmpty() ? new Poll(0, more.get()) : polls.get(polls.size() - 1);
            }
            int all = empty + (counted ? poll.more : more.get());
            int to = Math.min(all, from + PAGE);
            StringBuilder xml =
                    new StringBuilder(PAGE * 400)
                            .append("<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"http://made/\"")
                            .append(" ContainerName=\"listing\"><Blobs>");
            for (int blob = from; blob < to; blob++) {
                xml.append("<Blob><Name>").append(blob < empty ? "a/empty-" : "b/new-").append(blob);
                xml.append(".csv</Name><Properties><Creation-Time>Wed, 25 Nov 2026 00:00:00 GMT</Creation-Time>");
                xml.append("<Last-Modified>Wed, 25 Nov 2026 00:00:00 GMT</Last-Modified><Etag>0x1</Etag><Content-Length>");
                xml.append(blob < empty ? 0 : ROWS.length);
                xml.append("</Content-Length><Content-Type>text/csv</Content-Type><BlobType>BlockBlob</BlobType>");
                xml.append("<AccessTier>Hot</AccessTier><LeaseStatus>unlocked</LeaseStatus></Properties></Blob>");
            }
            xml.append("</Blobs><NextMarker>").append(to < all ? to : "").append("</NextMarker></EnumerationResults>");
            byte[] bytes = xml.toString().getBytes(StandardCharsets.UTF_8);
            http.getResponseHeaders().set("Content-Type", "application/xml");
            http.sendResponseHeaders(200, bytes.length);
            try (OutputStream body = http.getResponseBody()) {
                body.write(bytes);
            }
            if (counted) {
                poll.end = System.nanoTime();
            }
        }

        private static Map<String, String> query(String raw) {
            Map<String, String> query = new HashMap<>();
            for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    query.put(
                            pair.substring(0, equals),
                            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
                }
            }
            return query;
        }

        @Override
        public void close() {
            server.stop(0);
        }

        /** One listing: when its first page was asked for and its last one was written, and what it held. */
        private static final class Poll {
            final long start;
            final int more;
            volatile long end;

            Poll(long start, int more) {
                this.start = start;
                this.more = more;
            }
        }
    }
}
