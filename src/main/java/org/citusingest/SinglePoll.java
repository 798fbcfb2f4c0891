package org.citusingest;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.spi.ExceptionHandler;
import org.apache.camel.spi.PollingConsumerPollStrategy;
import org.apache.camel.support.ScheduledPollConsumer;
import org.citusingest.blobs.BlobsEndpoint;
import org.citusingest.citus.CitusEndpoint;
import org.citusingest.cli.LoadRun;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.Ledger.Backlog;
import org.citusingest.ledger.LedgerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls the sources of routes by hand, until the ledger has nothing more of them to be loaded. The
 * routes run, their schedules do not.
 */
final class SinglePoll implements LoadRun {
    private static final Logger LOG = LoggerFactory.getLogger(SinglePoll.class);

    /** Such sources have nothing that is there now. */
    private static final List<String> STARTED_BY_OTHERS =
            List.of("timer:", "quartz:", "cron:", "platform-http:");

    private static final long RETRY_PERIOD_MILLIS = 500;
    private static final long INFLIGHT_PERIOD_MILLIS = 20;
    private static final long BACKLOG_PERIOD_NANOS = 500_000_000;

    private final CamelContext context;
    private final Ledger ledger;
    private final List<Route> routes;
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::pollAllOrTell, "citus-ingest load");
    private volatile boolean stopped;
    private Backlog backlog = new Backlog(0, 0);
    private long backlogRead;

    SinglePoll(CamelContext context, Ledger ledger, List<Route> routes, List<String> errors) {
        this.context = context;
        this.ledger = ledger;
        this.routes = routes;
        this.errors.addAll(errors);
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** A thread that dies would leave the impression that all is done. */
    private void pollAllOrTell() {
        try {
            pollAll();
        } catch (RuntimeException e) {
            errors.add(Failure.oneLine(e));
        }
    }

    private void pollAll() {
        List<Route> polled = new ArrayList<>();
        for (Route route : routes) {
            if (Boolean.FALSE.equals(route.isAutoStartup())) {
                continue;
            }
            // Others, as direct:, are called by routes that poll.
            Optional<ScheduledPollConsumer> poller = poller(route);
            try {
                poller.ifPresent(consumer -> consumer.setStartScheduler(false));
                if (poller.isPresent() || !isStartedByOthers(route)) {
                    context.getRouteController().startRoute(route.getRouteId());
                }
            } catch (Exception e) {
                errors.add(route.getRouteId() + ": " + Failure.oneLine(e));
                continue;
            }
            poller.ifPresent(consumer -> polled.add(route));
        }
        polled.forEach(route -> ledger.reopenFailed(route.getRouteId(), container(route)));
        for (Route route : polled) {
            poll(route);
        }
        if (!polled.isEmpty() && !stopped) {
            finishSummaries();
        }
    }

    /** Makes the summaries that this run or an earlier one has left behind. */
    private void finishSummaries() {
        try {
            ledger.upkeep();
        } catch (LedgerException e) {
            errors.add(Failure.oneLine(e));
        }
    }

    /** The consumers that can be asked for what is there now. */
    private static Optional<ScheduledPollConsumer> poller(Route route) {
        return route.getConsumer() instanceof ScheduledPollConsumer poller
                ? Optional.of(poller)
                : Optional.empty();
    }

    /** A source that starts by itself, as a timer does, or by a call from outside. */
    private static boolean isStartedByOthers(Route route) {
        String uri = route.getEndpoint().getEndpointBaseUri();
        return STARTED_BY_OTHERS.stream().anyMatch(uri::startsWith);
    }

    /** Loads of a container that the route does not poll any more are waited for by nobody. */
    private static String container(Route route) {
        return route.getEndpoint() instanceof BlobsEndpoint blobs ? blobs.getContainer() : "";
    }

    private void poll(Route route) {
        ScheduledPollConsumer consumer = poller(route).orElseThrow();
        FirstError strategy = new FirstError(route.getRouteId());
        consumer.setPollStrategy(strategy);
        consumer.setExceptionHandler(strategy);
        boolean again = true;
        boolean told = false;
        while (again && !stopped) {
            consumer.run();
            // A file consumer returns while its exchanges are still being routed.
            while (context.getInflightRepository().size(route.getRouteId()) > 0 && !stopped) {
                pause(INFLIGHT_PERIOD_MILLIS);
            }
            // A load that failed by chance waits for its next attempt; one of another process, for
            // its end.
            again = !strategy.failed && ledger.waits(route.getRouteId(), container(route));
            if (again) {
                if (!told) {
                    LOG.warn(
                            "{}: waits for a load that another process has, or had before it died, or that is to be tried again; citus-ingest status shows which",
                            route.getRouteId());
                    told = true;
                }
                pause(RETRY_PERIOD_MILLIS);
            }
        }
    }

    private void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            stopped = true;
            Thread.currentThread().interrupt();
        }
    }

    /** Keeps the error of a poll, which Camel would only log. */
    private final class FirstError implements PollingConsumerPollStrategy, ExceptionHandler {
        private final String routeId;
        private boolean failed;

        FirstError(String routeId) {
            this.routeId = routeId;
        }

        @Override
        public void handleException(Throwable exception) {
            handleException(null, null, exception);
        }

        @Override
        public void handleException(String message, Throwable exception) {
            handleException(message, null, exception);
        }

        @Override
        public void handleException(String message, Exchange exchange, Throwable exception) {
            // Of a poll it has been kept; of an exchange it is reported with its load, or here.
            if (exchange != null) {
                errors.add(routeId + ": " + Failure.oneLine(exception));
            }
        }

        @Override
        public boolean begin(Consumer consumer, Endpoint endpoint) {
            return true;
        }

        @Override
        public void commit(Consumer consumer, Endpoint endpoint, int polledMessages) {
            // What came of the loads is in the ledger.
        }

        @Override
        public boolean rollback(
                Consumer consumer, Endpoint endpoint, int retryCounter, Exception cause) {
            failed = true;
            errors.add(routeId + ": " + Failure.oneLine(cause));
            return false;
        }
    }

    @Override
    public boolean running() {
        return thread.isAlive();
    }

    @Override
    public List<String> errors() {
        return List.copyOf(errors);
    }

    @Override
    public synchronized Progress progress() {
        long bytesDone =
                endpoints(BlobsEndpoint.class).stream()
                        .mapToLong(BlobsEndpoint::getBytesRead)
                        .sum();
        long rows =
                endpoints(CitusEndpoint.class).stream()
                        .mapToLong(CitusEndpoint::getRowsCopied)
                        .sum();
        if (ledger.version() > 0 && System.nanoTime() - backlogRead > BACKLOG_PERIOD_NANOS) {
            backlog = ledger.backlog(routes.stream().map(Route::getRouteId).toList());
            backlogRead = System.nanoTime();
        }
        long claimed =
                endpoints(BlobsEndpoint.class).stream()
                        .mapToLong(BlobsEndpoint::getBytesClaimed)
                        .sum();
        return new Progress(bytesDone, claimed + backlog.waitingBytes(), rows);
    }

    private <T> Collection<T> endpoints(Class<T> type) {
        return context.getEndpoints().stream().filter(type::isInstance).map(type::cast).toList();
    }
}
