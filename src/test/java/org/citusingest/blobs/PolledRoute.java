package org.citusingest.blobs;

import static org.awaitility.Awaitility.await;

import com.azure.storage.blob.BlobServiceClient;
import java.util.Optional;
import javax.sql.DataSource;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultPollingConsumerPollStrategy;
import org.apache.camel.support.ScheduledPollConsumer;
import org.citusingest.ledger.Ledger;

/** A route from a container to a step of the test. It polls when the test says so. */
final class PolledRoute implements AutoCloseable {
    static final String PIPELINE = "polled";

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final Ledger ledger;
    private ScheduledPollConsumer consumer;
    private Exception error;

    PolledRoute(DataSource database, BlobServiceClient client, String uri, Processor step)
            throws Exception {
        ledger = new Ledger(database);
        context.disableJMX();
        context.getRegistry().bind("client", client);
        context.getRegistry().bind("ledger", ledger);
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        errorHandler(noErrorHandler());
                        from(uri).routeId(PIPELINE).autoStartup(false).process(step);
                    }
                });
        context.start();
        consumer = (ScheduledPollConsumer) context.getRoute(PIPELINE).getConsumer();
        consumer.setStartScheduler(false);
        consumer.setPollStrategy(
                new DefaultPollingConsumerPollStrategy() {
                    @Override
                    public boolean rollback(
                            Consumer polled, Endpoint endpoint, int retries, Exception cause) {
                        error = cause;
                        return false;
                    }
                });
        context.getRouteController().startRoute(PIPELINE);
    }

    /** Polls until nothing can be claimed any more. */
    void poll() {
        pollForError()
                .ifPresent(
                        cause -> {
                            throw new AssertionError("The poll failed", cause);
                        });
    }

    /** Polls, and says why that failed. */
    Optional<Exception> pollForError() {
        error = null;
        consumer.run();
        return Optional.ofNullable(error);
    }

    /** From now on it polls by itself, as in {@code run}. */
    void schedule() throws Exception {
        context.getRouteController().stopRoute(PIPELINE);
        // A route that starts again has a new consumer, with a schedule.
        context.getRouteController().startRoute(PIPELINE);
        consumer = (ScheduledPollConsumer) context.getRoute(PIPELINE).getConsumer();
    }

    /** Waits until it has polled so many times more. */
    void awaitPolls(int more) {
        long until = consumer.getCounter() + more;
        await().until(() -> consumer.getCounter() >= until);
    }

    BlobsEndpoint endpoint() {
        return (BlobsEndpoint) consumer.getEndpoint();
    }

    Ledger ledger() {
        return ledger;
    }

    @Override
    public void close() {
        context.stop();
        ledger.close();
    }
}
