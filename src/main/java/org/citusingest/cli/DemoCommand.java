package org.citusingest.cli;

import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
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
            try (Ingest ingest = factory.open(options(servers.ownerUrl(), servers.storage()))) {
                ingest.ledger().install();
            }
            servers.postgres().get().grant();
        }
    }

    private Ingest.Options options(String databaseUrl, String storage) {
        return common.options(
                Map.of(
                        "citus.url",
                        databaseUrl,
                        "citus.user",
                        "",
                        "citus.password",
                        "",
                        "storage.connection-string",
                        storage));
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
        Ingest.Options options = options(servers.databaseUrl(), servers.storage());
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
            stay(servers, options);
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

    private void stay(Servers servers, Ingest.Options options) throws Exception {
        PrintWriter err = spec.commandLine().getErr();
        Ingest ingest = factory.open(options);
        StopSignal signal =
                StopSignal.install(
                        () -> {
                            ingest.close();
                            servers.close();
                        },
                        0);
        ingest.run();
        err.println(
                "demo: running until Ctrl-C; the routes look for new blobs every 10 seconds. Upload a file:");
        err.println("  curl -X PUT -H 'x-ms-blob-type: BlockBlob' --data-binary @mine.csv \\");
        err.println("    '" + uploadUrl(servers.storage(), "http/mine.csv") + "'");
        err.println("It has the columns of a sample blob; this shows what came of it:");
        err.println("  psql '" + psqlUrl(servers.databaseUrl()) + "' -c 'TABLE citus_ingest.load'");
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

    /** Where a blob of the container logs can be put for a day, without any tool of Azure. */
    private static String uploadUrl(String connectionString, String blob) {
        BlobContainerClient logs =
                new BlobServiceClientBuilder()
                        .connectionString(connectionString)
                        .buildClient()
                        .getBlobContainerClient(SampleData.LOGS);
        BlobContainerSasPermission upload =
                new BlobContainerSasPermission().setCreatePermission(true).setWritePermission(true);
        return logs.getBlobContainerUrl()
                + "/"
                + blob
                + "?"
                + logs.generateSas(
                        new BlobServiceSasSignatureValues(
                                OffsetDateTime.now(ZoneOffset.UTC).plusDays(1), upload));
    }

    private static String psqlUrl(String jdbcUrl) {
        return jdbcUrl.replaceFirst("^jdbc:", "");
    }

    /**
     * The database and the storage account of the demo: its own, or the ones given.
     *
     * @param ownerUrl the database for the role that makes the tables
     * @param databaseUrl the database for the role that loads
     */
    private record Servers(
            Optional<DemoPostgres> postgres,
            String ownerUrl,
            String databaseUrl,
            String storage,
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
                }
                return new Servers(
                        postgres,
                        postgres.map(own -> own.jdbcUrl(Roles.DEFAULT.owner()))
                                .orElse(demo.databaseUrl),
                        postgres.map(own -> own.jdbcUrl(Roles.DEFAULT.loader()))
                                .orElse(demo.databaseUrl),
                        storage,
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
