package org.citusingest.pgevent;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;

/**
 * Makes one exchange of each notification, one after the other in the order in which they were
 * sent, on one thread with one session. While an exchange takes its time, the server keeps what
 * follows.
 *
 * <p>A stop of its route suspends it, and stops it when the exchange in flight has ended: the steps
 * of a consumer that is stopped at once would refuse that exchange.
 */
final class NotificationConsumer extends DefaultConsumer implements Suspendable {
    private final NotificationEndpoint endpoint;
    private Listener listener;
    private Thread thread;

    NotificationConsumer(NotificationEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        listen();
        ListenerHealth health = new ListenerHealth(getRouteId(), () -> listener.isHeard());
        health.setCamelContext(getEndpoint().getCamelContext());
        setHealthCheck(health);
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        listen();
    }

    private void listen() {
        listener = new Listener(endpoint, this::deliver);
        thread =
                getEndpoint()
                        .getCamelContext()
                        .getExecutorServiceManager()
                        .newThread("PgEvent-" + endpoint.getChannel(), listener);
        thread.start();
    }

    @Override
    protected void doSuspend() throws Exception {
        endListening();
        super.doSuspend();
    }

    @Override
    protected void doStop() throws Exception {
        endListening();
        super.doStop();
    }

    /** Ends the session at once, and the thread with the exchange it is at. */
    private void endListening() {
        if (listener != null) {
            listener.close();
        }
    }

    @Override
    protected void doShutdown() throws Exception {
        if (thread != null) {
            thread.interrupt();
        }
        super.doShutdown();
    }

    private void deliver(Notification notification) {
        Exchange exchange = createExchange(false);
        try {
            exchange.getIn().setHeader(NotificationConstants.CHANNEL, endpoint.getChannel());
            if (notification instanceof Notification.Sent sent) {
                exchange.getIn().setBody(sent.payload());
            } else {
                exchange.getIn().setHeader(NotificationConstants.RESYNC, true);
            }
            try {
                getProcessor().process(exchange);
            } catch (Throwable e) {
                // An error of a route must not end the thread, and make it deaf.
                exchange.setException(e);
            }
            if (exchange.getException() != null) {
                getExceptionHandler()
                        .handleException(
                                "A notification of the channel %s failed in its route"
                                        .formatted(endpoint.getChannel()),
                                exchange,
                                exchange.getException());
            }
        } finally {
            releaseExchange(exchange, false);
        }
    }
}
