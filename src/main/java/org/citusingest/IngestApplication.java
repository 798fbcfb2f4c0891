package org.citusingest;

import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.queue.QueueServiceClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.spi.Registry;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.util.concurrent.ThreadPoolRejectedPolicy;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.citusingest.citus.LoadResult;
import org.citusingest.cli.Ingest;
import org.citusingest.cli.LoadRun;
import org.citusingest.console.Console;
import org.citusingest.console.ConsoleLogin;
import org.citusingest.console.ConsoleSettings;
import org.citusingest.console.JolokiaPage;
import org.citusingest.events.PoisonMessage;
import org.citusingest.events.Webhook;
import org.citusingest.events.WebhookSettings;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LoadRecord;
import org.citusingest.monitoring.Monitoring;
import org.citusingest.pgevent.NotificationComponent;
import org.citusingest.routes.RouteFile;
import org.citusingest.routes.RouteFiles;
import org.citusingest.routes.RouteFolder;
import org.citusingest.routes.RouteWatcher;

/**
 * The wiring: settings, database, storage and ledger as beans of a Camel Main, and the folder of
 * routes in it.
 */
final class IngestApplication implements Ingest {
    private static final String JOLOKIA = "/observe/jolokia";

    private static final long WATCH_PERIOD_MILLIS = 1000;

    // Nothing connects to it.
    private static final String NO_STORAGE = "https://none.invalid";

    private final Main main = new Main();
    private final Settings settings;
    private final Optional<WebhookSettings> webhook;
    private final Databases databases;
    private final Ledger ledger;
    private final PropertiesFile properties;
    private Console console;
    private RouteWatcher watcher;
    private Monitoring monitoring;
    private boolean started;

    IngestApplication(Options options) {
        Path file = Settings.file(options);
        properties = PropertiesFile.read(file, Settings.overrides(options));
        settings = Settings.of(properties.component(), file, options);
        webhook = WebhookSettings.of(properties.component());
        databases = new Databases(settings);
        ledger = databases.ledger();
        main.setDefaultPropertyPlaceholderLocation("file:" + file);
        main.setOverrideProperties(Settings.overrides(options));
        main.bind("citus", databases.rows());
        main.bind("citusNodes", databases.nodes());
        main.bind("ledger", ledger);
        main.bind("loadResult", new LoadResult());
        main.bind("poisonMessage", new PoisonMessage());
    }

    @Override
    public Ledger ledger() {
        return ledger;
    }

    @Override
    public List<RouteFile> run() throws Exception {
        logLoads();
        webhook.map(WebhookSettings::server)
                .ifPresent(
                        server ->
                                server.stringPropertyNames()
                                        .forEach(
                                                key ->
                                                        main.addOverrideProperty(
                                                                key, server.getProperty(key))));
        monitoring =
                new Monitoring(settings.management(), ledger, databases.rows(), databases.leases());
        if (settings.flag("management.jolokia", "MANAGEMENT_JOLOKIA")) {
            monitoring
                    .server()
                    .ifPresent(server -> server.mount(JOLOKIA, new JolokiaPage(JOLOKIA)));
        }
        start(connect(), true);
        monitoring.show(main.getCamelContext());
        RouteFolder folder =
                new RouteFolder(settings.routesFolder(), settings.routeRules(), RouteChecks::look);
        RouteFiles files = folder.load(main.getCamelContext());
        List<RouteFile> outcomes = files.outcomes();
        main.getCamelContext().addRoutes(new WaitingRoute());
        monitoring.brokenRouteFiles(() -> RouteFile.broken(files.outcomes()).size());
        watcher = new RouteWatcher(folder, files, WATCH_PERIOD_MILLIS);
        watcher.start();
        ledger.startUpkeep();
        return outcomes;
    }

    /** A command that has been quiet so far logs from here on, unless its user has set how much. */
    private static void logLoads() {
        if (System.getenv("LOG_LEVEL") == null) {
            Configurator.setLevel("org.citusingest", Level.INFO);
            Configurator.setLevel("citusingest.load", Level.INFO);
        }
    }

    @Override
    public synchronized ConsoleLogin openConsole(OptionalInt port) {
        console = Console.start(ConsoleSettings.of(properties.component(), port), Settings.home());
        return console.login();
    }

    @Override
    public LoadRun load(Optional<String> only) throws Exception {
        start(connect(), false);
        List<RouteFile> files =
                new RouteFolder(settings.routesFolder(), settings.routeRules(), RouteChecks::look)
                        .load(main.getCamelContext())
                        .outcomes();
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
                RouteFile.broken(files).stream().map(RouteFile.Broken::error).toList();
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
        findings.addAll(Checks.database(databases.rows(), ledger));
        try {
            start(settings.blobServiceClient(), false);
        } catch (Exception e) {
            findings.add(
                    new Finding("application", false, org.citusingest.ledger.Failure.oneLine(e)));
            return findings;
        }
        boolean database = findings.get(0).ok();
        findings.addAll(
                Checks.routes(
                        main.getCamelContext(),
                        settings.routesFolder(),
                        settings.routeRules(),
                        database));
        return findings;
    }

    @Override
    public List<RouteFile.Broken> brokenRouteFiles() {
        try {
            start(storageOrNone(), false);
            return RouteFile.broken(
                    new RouteFolder(settings.routesFolder(), settings.routeRules())
                            .load(main.getCamelContext())
                            .outcomes());
        } catch (IllegalArgumentException e) {
            return List.of(new RouteFile.Broken(settings.routesFolder(), e.getMessage()));
        } catch (Exception e) {
            return List.of(
                    new RouteFile.Broken(
                            settings.routesFolder(), org.citusingest.ledger.Failure.oneLine(e)));
        }
    }

    @Override
    public Pipeline pipeline(String id) throws Exception {
        List<RouteFile> files = loadWithoutStorage();
        Optional<PipelineRoute> route = PipelineRoute.find(main.getCamelContext(), id);
        return route.isPresent()
                ? new Pipeline(null, false, route.get().onRemove())
                : new Pipeline(
                        missing(id, files), !RouteFile.broken(files).isEmpty(), Optional.empty());
    }

    @Override
    public LoadRecord replay(LoadRecord load, Optional<Path> file) throws Exception {
        List<RouteFile> files = loadWithoutStorage();
        PipelineRoute route =
                PipelineRoute.find(main.getCamelContext(), load.pipeline())
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                missing(load.pipeline(), files)
                                                        + ", and the rows would go through it: nothing was done"));
        return new RejectReplay(ledger, route).run(load, file);
    }

    private List<RouteFile> loadWithoutStorage() throws Exception {
        start(storageOrNone(), false);
        return new RouteFolder(settings.routesFolder(), settings.routeRules())
                .load(main.getCamelContext())
                .outcomes();
    }

    private String missing(String id, List<RouteFile> files) {
        List<RouteFile.Broken> broken = RouteFile.broken(files);
        return "There is no route %s in %s%s"
                .formatted(
                        id,
                        settings.routesFolder(),
                        broken.isEmpty()
                                ? ""
                                : ", unless in a file that cannot be used ("
                                        + broken.stream()
                                                .map(RouteFile.Broken::error)
                                                .collect(Collectors.joining("; "))
                                        + ")");
    }

    /** What is in a route file does not depend on where the blobs are. */
    private BlobServiceClient storageOrNone() {
        try {
            return settings.blobServiceClient();
        } catch (SettingsException e) {
            return new BlobServiceClientBuilder().endpoint(NO_STORAGE).buildClient();
        }
    }

    /** Starts Camel without any route; those that are loaded then start, or do not. */
    private void start(BlobServiceClient storage, boolean routesStart) throws Exception {
        main.bind("blobServiceClient", storage);
        main.addMainListener(
                new MainListenerSupport() {
                    @Override
                    public void beforeConfigure(BaseMainSupport camel) {
                        Registry registry = camel.getCamelContext().getRegistry();
                        NotificationComponent.bind(registry);
                        registry.bind(
                                "webhook",
                                Processor.class,
                                () -> webhook(storage.getAccountName()));
                        registry.bind(
                                "queueServiceClient",
                                QueueServiceClient.class,
                                () -> settings.storage().queues());
                    }

                    @Override
                    public void afterConfigure(BaseMainSupport camel) {
                        CamelContext context = camel.getCamelContext();
                        context.setAutoStartup(routesStart);
                        context.getExecutorServiceManager()
                                .registerThreadPoolProfile(copyThreads());
                    }
                });
        started = true;
        main.start();
    }

    /** The step {@code webhook} of routes, which is made when a route has it. */
    private Processor webhook(String account) {
        WebhookSettings of =
                webhook.orElseThrow(
                        () ->
                                new SettingsException(
                                        "Events by HTTP are taken only from a sender that proves itself: set WEBHOOK_SECRET or WEBHOOK_TENANT"));
        return new Webhook(of.sender(), account, of.perSecond(), "blobs:*?operation=register");
    }

    /**
     * Makes the client of the storage account, which is half a second of loading classes, and
     * meanwhile connects to the database.
     */
    private BlobServiceClient connect() {
        CompletableFuture<BlobServiceClient> storage =
                CompletableFuture.supplyAsync(settings::blobServiceClient);
        databases.connect();
        try {
            return storage.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
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

    @Override
    public synchronized void close() {
        if (console != null) {
            console.close();
        }
        if (watcher != null) {
            watcher.close();
        }
        if (started) {
            started = false;
            main.stop();
            // What did not end in time has been rolled back, and is free for others at once.
            databases.release();
        }
        if (monitoring != null) {
            monitoring.close();
        }
        databases.close();
    }
}
