package org.citusingest.cli;

import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.citusingest.demo.Azurite;
import org.citusingest.demo.DemoPostgres;
import org.citusingest.demo.Roles;
import org.citusingest.demo.SampleBlob;
import org.citusingest.demo.SampleData;
import org.citusingest.demo.SampleSchema;
import org.citusingest.demo.SummaryCheck;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the shipped routes on sample blobs, with a PostgreSQL and an Azure storage emulator of its own.",
            "Needs Node.js 20 for the emulator, which is installed under target/ the first time."
        },
        footer = {
            "",
            "Examples:",
            "  citus-ingest demo",
            "  citus-ingest demo --stay               then upload files and drop routes of your own",
            "  citus-ingest demo --database-url 'jdbc:postgresql://host:5432/db?user=me&password=...' \\",
            "                    --storage 'DefaultEndpointsProtocol=...'   on real servers"
        })
final class DemoCommand implements Callable<Integer> {
    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;

    @Spec private CommandSpec spec;

    @Option(names = "--stay", description = "Keep the servers and the routes running until Ctrl-C.")
    private boolean stay;

    @Option(
            names = "--database-url",
            paramLabel = "JDBC_URL",
            description = "Use this PostgreSQL or Citus; sample tables are created in it.")
    private String databaseUrl;

    @Option(
            names = "--storage",
            paramLabel = "CONNECTION_STRING",
            description =
                    "Use this storage account; sample blobs are uploaded to its containers logs and reference.")
    private String storage;

    DemoCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        Path home =
                Path.of(System.getProperty("citusingest.home", ".")).toAbsolutePath().normalize();
        Path scratch = Files.createDirectories(home.resolve("target/demo"));
        try (Servers servers = Servers.start(this, home, scratch, err)) {
            err.println("demo: creating the sample tables and uploading the sample blobs");
            boolean distributed = SampleSchema.install(source(servers.ownerUrl()));
            err.println(
                    "demo: tables are "
                            + (distributed ? "distributed by Citus" : "plain PostgreSQL tables"));
            grant(servers);
            upload(servers.storage());
            return load(servers);
        }
    }

    /** On a server of its own, one role makes the ledger and another one loads. */
    private void grant(Servers servers) {
        if (servers.postgres().isPresent()) {
            try (Ingest ingest =
                    factory.open(options(servers.ownerUrl(), servers.storage(), false))) {
                ingest.ledger().install();
            }
            servers.postgres().get().grant();
        }
    }

    private Ingest.Options options(String databaseUrl, String storage, boolean events) {
        return common.options(
                Map.of(
                        "citus.url",
                        databaseUrl,
                        "citus.user",
                        "",
                        "citus.password",
                        "",
                        "storage.connection-string",
                        storage,
                        "blob-events.enabled",
                        String.valueOf(events)));
    }

    private static DataSource source(String databaseUrl) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(databaseUrl);
        return source;
    }

    private static void upload(String connectionString) throws IOException {
        BlobServiceClient client =
                new BlobServiceClientBuilder().connectionString(connectionString).buildClient();
        for (SampleBlob blob : new SampleData().blobs()) {
            SampleData.upload(client, blob);
        }
    }

    private int load(Servers servers) throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Ingest.Options options = options(servers.databaseUrl(), servers.storage(), false);
        SummaryCheck summary;
        boolean ok;
        LoadReport report;
        try (Ingest ingest = factory.open(options)) {
            report = new LoadReport(ingest.ledger(), out, err, false);
            ok = report.follow(ingest.load(Optional.empty()));
            summary = SummaryCheck.of(source(servers.databaseUrl()));
        }
        print(out, summary);
        if (!summary.equal()) {
            err.printf(
                    "demo: the summary differs from a recount in %d rows%n", summary.differences());
            ok = false;
        }
        out.printf(
                "demo: %d blobs loaded, %d rows, %d rejected, %d summary rows%n",
                report.loaded(), report.rows(), report.rejected(), summary.minutes());
        out.flush();
        if (stay && ok) {
            stay(servers);
        }
        return ok ? 0 : 1;
    }

    private static void print(PrintWriter out, SummaryCheck summary) {
        out.println();
        out.println("The busiest sites of http_request_1min:");
        out.printf("  %8s %10s %8s %10s  %s%n", "site", "requests", "errors", "average ms", "name");
        for (SummaryCheck.BusySite site : summary.busiestSites()) {
            out.printf(
                    "  %8d %10d %8d %10d  %s%n",
                    site.siteId(),
                    site.requests(),
                    site.errors(),
                    site.averageMilliseconds(),
                    site.name());
        }
        out.printf(
                "The summary has %d rows and %s a recount of the %d requests%n%n",
                summary.minutes(), summary.equal() ? "equals" : "DIFFERS FROM", summary.requests());
    }

    private void stay(Servers servers) throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        DemoUpload upload = new DemoUpload(servers.storage());
        if (servers.events()) {
            upload.createQueue();
        }
        Ingest ingest =
                factory.open(options(servers.databaseUrl(), servers.storage(), servers.events()));
        StopSignal signal =
                StopSignal.install(
                        () -> {
                            ingest.close();
                            servers.close();
                        },
                        0);
        ingest.run();
        err.println("demo: running until Ctrl-C. Make a file, and upload it:");
        err.println("  " + upload.file());
        err.println("  " + upload.upload());
        err.println("The routes look for new blobs every 10 seconds.");
        if (servers.events()) {
            err.println("This tells them of it at once, as Azure Event Grid does:");
            err.println("  " + upload.event());
        }
        err.println("What came of it:");
        err.printf(
                "  psql '%s' -c 'TABLE citus_ingest.load' -c 'SELECT * FROM http_request_1min WHERE site_id = 4711'%n",
                psqlUrl(servers.databaseUrl()));
        if (servers.postgres().isPresent()) {
            err.printf(
                    "Make a table as the role that owns them, and GRANT SELECT, INSERT ON it TO %s:%n  psql '%s'%n",
                    Roles.DEFAULT.loader(), psqlUrl(servers.ownerUrl()));
        }
        err.println(
                "Add a pipeline: write a route file into the folder of routes; it starts within seconds.");
        err.flush();
        signal.await();
    }

    private static String psqlUrl(String jdbcUrl) {
        return jdbcUrl.replaceFirst("^jdbc:", "");
    }

    /**
     * The database and the storage account of the demo: its own, or the ones given.
     *
     * @param ownerUrl the database for the role that makes the tables
     * @param databaseUrl the database for the role that loads
     * @param events whether the storage account has queues
     */
    private record Servers(
            Optional<DemoPostgres> postgres,
            String ownerUrl,
            String databaseUrl,
            String storage,
            boolean events,
            List<AutoCloseable> owned)
            implements AutoCloseable {

        static Servers start(DemoCommand demo, Path home, Path scratch, PrintWriter err)
                throws Exception {
            List<AutoCloseable> owned = new java.util.ArrayList<>();
            try {
                Optional<DemoPostgres> postgres = Optional.empty();
                if (demo.databaseUrl == null) {
                    err.println("demo: starting PostgreSQL");
                    postgres =
                            Optional.of(
                                    DemoPostgres.start(
                                            Files.createTempDirectory(scratch, "postgres")));
                    owned.add(postgres.get());
                }
                String storage = demo.storage;
                boolean events = demo.stay && storage == null;
                if (storage == null) {
                    Path install = home.resolve("target/azurite");
                    err.println(
                            Azurite.installed(install)
                                    ? "demo: starting Azurite"
                                    : "demo: installing Azurite from npm, which takes a moment the first time");
                    err.flush();
                    Azurite azurite =
                            Azurite.start(install, Files.createTempDirectory(scratch, "azurite"));
                    owned.add(azurite);
                    storage = azurite.connectionString();
                    if (events) {
                        Azurite queues =
                                Azurite.startQueues(
                                        install, Files.createTempDirectory(scratch, "queues"));
                        owned.add(queues);
                        storage += queues.endpoint();
                    }
                }
                return new Servers(
                        postgres,
                        postgres.map(own -> own.jdbcUrl(Roles.DEFAULT.owner()))
                                .orElse(demo.databaseUrl),
                        postgres.map(own -> own.jdbcUrl(Roles.DEFAULT.loader()))
                                .orElse(demo.databaseUrl),
                        storage,
                        events,
                        owned);
            } catch (Exception e) {
                stop(owned);
                throw e;
            }
        }

        @Override
        public void close() {
            stop(owned);
        }

        private static void stop(List<AutoCloseable> servers) {
            for (AutoCloseable server : servers) {
                try {
                    server.close();
                } catch (Exception e) {
                    org.slf4j.LoggerFactory.getLogger(DemoCommand.class)
                            .debug("A server did not stop well", e);
                }
            }
        }
    }
}
