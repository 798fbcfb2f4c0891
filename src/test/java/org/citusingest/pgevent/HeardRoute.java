package org.citusingest.pgevent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ServiceStatus;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.awaitility.core.ThrowingRunnable;
import org.citusingest.TestDatabase;

/** A context with a route that notes what it hears, and a look at its sessions from outside. */
final class HeardRoute implements AutoCloseable {
    static final String ROUTE = "hears";

    final DefaultCamelContext context = new DefaultCamelContext();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    /** A context with this data source as the bean {@code db}; no route yet. */
    HeardRoute(DataSource dataSource) {
        context.disableJMX();
        context.getRegistry().bind("db", dataSource);
        NotificationComponent.bind(context.getRegistry());
    }

    /** Listens by this URI. */
    HeardRoute from(String uri) throws Exception {
        return from(uri, exchange -> {});
    }

    /** Listens by this URI; a step comes before the exchange is noted. */
    HeardRoute from(String uri, Processor step) throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from(uri).routeId(ROUTE).process(step).process(HeardRoute.this::note);
                    }
                });
        context.start();
        return this;
    }

    private void note(Exchange exchange) {
        boolean resync =
                exchange.getIn().getHeader(NotificationConstants.RESYNC, false, boolean.class);
        heard.add(resync ? "resync" : exchange.getIn().getBody(String.class));
    }

    /** What was heard, in its order. */
    List<String> heard() {
        return List.copyOf(heard);
    }

    ServiceStatus status() {
        return context.getRouteController().getRouteStatus(ROUTE);
    }

    void stop() throws Exception {
        context.getRouteController().stopRoute(ROUTE);
    }

    void start() throws Exception {
        context.getRouteController().startRoute(ROUTE);
    }

    @Override
    public void close() {
        context.stop();
    }

    static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }

    /** The pids of the sessions that listen to the channel. */
    static List<String> sessions(TestDatabase database, String channel) {
        return database.rows(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'pgevent %s' AND datname = current_database()"
                        .formatted(channel));
    }

    /** Waits for one session that listens, other than this one, and gives its pid. */
    static String awaitSession(TestDatabase database, String channel, String otherThan) {
        awaitThat(
                () ->
                        assertThat(sessions(database, channel))
                                .singleElement()
                                .isNotEqualTo(otherThan));
        return sessions(database, channel).get(0);
    }

    static void send(TestDatabase database, String channel, String payload) {
        database.execute("NOTIFY \"%s\", '%s'".formatted(channel, payload));
    }

    static List<String> threads(String channel) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.endsWith("PgEvent-" + channel))
                .toList();
    }
}
