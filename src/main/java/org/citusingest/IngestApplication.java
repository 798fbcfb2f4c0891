package org.citusingest;

import com.azure.storage.blob.BlobServiceClient;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.util.concurrent.ThreadPoolRejectedPolicy;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.citusingest.citus.LoadResult;
import org.citusingest.cli.Ingest;
import org.citusingest.cli.LoadRun;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LedgerException;
import org.citusingest.routes.RouteFile;
import org.citusingest.routes.RouteFolder;
import org.citusingest.routes.RouteWatcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wiring: settings, database, storage and ledger as beans of a Camel Main, and the folder of
 * routes in it.
 */
final class IngestApplication implements Ingest {
    private static final Logger LOG = LoggerFactory.getLogger(IngestApplication.class);

    private static final long WATCH_PERIOD_MILLIS = 1000;

    private final Main main = new Main();
    private final Settings settings;
    private final HikariDataSource dataSource;
    private final HikariDataSource leaseDataSource;
    private final Ledger ledger;
    private RouteWatcher watcher;
    private boolean started;

    IngestApplication(Options options) {
        Path file = Settings.file(options);
        PropertiesFile properties = PropertiesFile.read(file, Settings.overrides(options));
        settings = Settings.of(properties.component(), file, options);
        Duration lease = settings.lease();
        dataSource = settings.dataSource();
        leaseDataSource = settings.leaseDataSource();
        ledger = new Ledger(dataSource, leaseDataSource, lease);
        main.setDefaultPropertyPlaceholderLocation("file:" + file);
        main.setOverrideProperties(Settings.overrides(options));
        main.bind("citus", dataSource);
        main.bind("ledger", ledger);
        main.bind("loadResult", new LoadResult());
    }

    @Override
    public Ledger ledger() {
        return ledger;
    }

    @Override
    public List<RouteFile> run() throws Exception {
        logLoads();
        List<RouteFile> files = start(true, true);
        watcher =
                new RouteWatcher(
                        main.getCamelContext(),
                        new RouteFolder(settings.routesFolder()),
                        files,
                        WATCH_PERIOD_MILLIS);
        watcher.start();
        ledger.startUpkeep();
        return files;
    }

    /** A command that has been quiet so far logs from here on, unless its user has set how much. */
    private static void logLoads() {
        if (System.getenv("LOG_LEVEL") == null) {
            Configurator.setLevel("org.citusingest", Level.INFO);
            Configurator.setLevel("citusingest.load", Level.INFO);
        }
    }

    @Override
    public LoadRun load(Optional<String> only) throws Exception {
        List<RouteFile> files = start(false, true);
        List<Route> routes =
                main.getCamelContext().getRoutes().stream()
                        .filter(route -> only.isEmpty() || only.get().equals(route.getRouteId()))
                        .toList();
        if (only.isPresent() && routes.isEmpty()) {
            throw new IllegalArgumentException(
                    "There is no route %s in %s; it has: %s"
                            .formatted(
                                    only.get(),
                                    settings.routesFolder(),
                                    main.getCamelContext().getRoutes().stream()
                                            .map(Route::getRouteId)
                                            .sorted()
                                            .toList()));
        }
        List<String> broken =
                files.stream()
                        .filter(RouteFile.Broken.class::isInstance)
                        .map(file -> ((RouteFile.Broken) file).error())
                        .toList();
        SinglePoll poll =
                new SinglePoll(
                        main.getCamelContext(),
                        ledger,
                        routes,
                        only.isEmpty() ? broken : List.of());
        poll.start();
        return poll;
    }

    @Override
    public List<Finding> check() {
        List<Finding> findings = new ArrayList<>();
        findings.addAll(Checks.database(dataSource, ledger));
        try {
            start(false, false);
        } catch (Exception e) {
            findings.add(
                    new Finding("application", false, org.citusingest.ledger.Failure.oneLine(e)));
            return findings;
        }
        boolean database = findings.get(0).ok();
        findings.addAll(Checks.routes(main.getCamelContext(), settings.routesFolder(), database));
        return findings;
    }

    /** Starts Camel, with the routes of the folder or without any. */
    private List<RouteFile> start(boolean consumers, boolean routes) throws Exception {
        BlobServiceClient storage = settings.blobServiceClient();
        main.bind("blobServiceClient", storage);
        if (routes) {
            connect();
        }
        RouteLoader loader = new RouteLoader(consumers, routes);
        main.addMainListener(loader);
        started = true;
        main.start();
        return loader.files;
    }

    /** Asks for one connection, so that a wrong password ends the start and not the first load. */
    private void connect() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            LOG.debug("Connected to {}", connection.getMetaData().getURL());
        } catch (SQLException e) {
            throw new SettingsException(Checks.noConnection(dataSource, e));
        }
    }

    /** Sets the context up between its configuration and its start. */
    private final class RouteLoader extends MainListenerSupport {
        private final boolean consumers;
        private final boolean routes;
        private List<RouteFile> files = List.of();

        RouteLoader(boolean consumers, boolean routes) {
            this.consumers = consumers;
            this.routes = routes;
        }

        @Override
        public void afterConfigure(BaseMainSupport camel) {
            CamelContext context = camel.getCamelContext();
            context.setAutoStartup(consumers);
            context.getExecutorServiceManager().registerThreadPoolProfile(copyThreads());
            if (routes) {
                try {
                    files = new RouteFolder(settings.routesFolder()).load(context);
                } catch (RuntimeException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    /**
     * Bounded: when all threads are busy and as many batches wait, the reader copies a batch
     * itself.
     */
    private ThreadPoolProfile copyThreads() {
        ThreadPoolProfile profile = new ThreadPoolProfile("copy");
        profile.setPoolSize(settings.copyThreads());
        profile.setMaxPoolSize(settings.copyThreads());
        profile.setMaxQueueSize(settings.copyThreads());
        profile.setRejectedPolicy(ThreadPoolRejectedPolicy.CallerRuns);
        return profile;
    }

    private void release() {
        try {
            int released = ledger.releaseAll();
            if (released > 0) {
                LOG.info("released={} loads did not end in time and are left to others", released);
            }
        } catch (LedgerException e) {
            LOG.warn(
                    "The leases could not be given back, and end by themselves: {}",
                    e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        if (watcher != null) {
            watcher.close();
        }
        if (started) {
            started = false;
            main.stop();
            // What did not end in time has been rolled back, and is free for others at once.
            release();
        }
        ledger.close();
        dataSource.close();
        leaseDataSource.close();
    }
}
