package org.citusingest.pgevent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.citusingest.pgevent.HeardRoute.awaitSession;
import static org.citusingest.pgevent.HeardRoute.awaitThat;
import static org.citusingest.pgevent.HeardRoute.send;
import static org.citusingest.pgevent.HeardRoute.sessions;
import static org.citusingest.pgevent.HeardRoute.threads;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.camel.builder.RouteBuilder;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** What a route hears of a server that is well. */
class NotificationConsumerTest {
    private static final String URI = "pgevent:///db/orders?datasource=#db";

    private final TestDatabase database = TestDatabase.fresh();

    private HeardRoute route() {
        return new HeardRoute(database.dataSource());
    }

    private static String[] numbers(int count) {
        return IntStream.range(0, count).mapToObj(String::valueOf).toArray(String[]::new);
    }

    @Test
    void a_thousand_notifications_are_a_thousand_exchanges_in_order() throws Exception {
        try (HeardRoute route = route().from(URI)) {
            String session = awaitSession(database, "orders", "");

            for (String number : numbers(1000)) {
                send(database, "orders", number);
            }

            awaitThat(() -> assertThat(route.heard()).hasSize(1000));
            assertThat(route.heard()).containsExactly(numbers(1000));
            assertThat(sessions(database, "orders")).containsExactly(session);
        }
    }

    @Test
    void notifications_wait_for_a_route_that_is_slow_and_one_that_fails_ends_nothing()
            throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (HeardRoute route =
                route().from(
                                URI,
                                exchange -> {
                                    gate.await();
                                    String body = exchange.getIn().getBody(String.class);
                                    if (body.equals("3")) {
                                        throw new IllegalStateException("not the third one");
                                    } else if (body.equals("5")) {
                                        throw new StackOverflowError("nor the fifth one");
                                    }
                                })) {
            String session = awaitSession(database, "orders", "");
            for (String number : numbers(100)) {
                send(database, "orders", number);
            }
            gate.countDown();

            awaitThat(() -> assertThat(route.heard()).contains("99"));
            assertThat(route.heard())
                    .containsExactlyElementsOf(
                            IntStream.range(0, 100)
                                    .filter(number -> number != 3 && number != 5)
                                    .mapToObj(String::valueOf)
                                    .toList());
            assertThat(sessions(database, "orders")).containsExactly(session);
        }
    }

    @Test
    void an_exchange_has_the_payload_and_the_channel_as_those_of_camel() throws Exception {
        List<Object> channels = new java.util.concurrent.CopyOnWriteArrayList<>();
        try (HeardRoute route =
                route().from(
                                URI,
                                exchange -> channels.add(exchange.getIn().getHeader("channel")))) {
            awaitSession(database, "orders", "");
            send(database, "orders", "{\"name\": \"Jürgen''s\"}");
            send(database, "orders", "");

            awaitThat(
                    () ->
                            assertThat(route.heard())
                                    .containsExactly("{\"name\": \"Jürgen's\"}", ""));
            assertThat(channels).containsExactly("orders", "orders");
        }
    }

    @Test
    void a_connect_is_told_of_before_all_else_where_resync_is_set() throws Exception {
        try (HeardRoute route = route().from(URI + "&resync=true&reconnectDelay=50")) {
            String session = awaitSession(database, "orders", "");
            send(database, "orders", "1");
            awaitThat(() -> assertThat(route.heard()).containsExactly("resync", "1"));

            database.execute("SELECT pg_terminate_backend(" + session + ")");
            awaitSession(database, "orders", session);
            send(database, "orders", "2");

            awaitThat(
                    () -> assertThat(route.heard()).containsExactly("resync", "1", "resync", "2"));
        }
    }

    @Test
    void a_stop_ends_session_and_thread_and_a_start_begins_one_of_each() throws Exception {
        try (HeardRoute route = route().from(URI)) {
            for (String number : numbers(5)) {
                awaitSession(database, "orders", "");
                assertThat(threads("orders")).hasSize(1);
                send(database, "orders", number);
                awaitThat(() -> assertThat(route.heard()).contains(number));

                route.stop();
                awaitThat(() -> assertThat(sessions(database, "orders")).isEmpty());
                awaitThat(() -> assertThat(threads("orders")).isEmpty());
                send(database, "orders", "while stopped");
                route.start();
            }
            assertThat(route.heard()).containsExactly(numbers(5));
        }
        awaitThat(() -> assertThat(sessions(database, "orders")).isEmpty());
        awaitThat(() -> assertThat(threads("orders")).isEmpty());
    }

    @Test
    void a_stop_lets_the_exchange_in_flight_end_and_begins_no_other() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        try (HeardRoute route =
                route().from(
                                URI,
                                exchange -> {
                                    begun.countDown();
                                    gate.await();
                                })) {
            awaitSession(database, "orders", "");
            database.execute("NOTIFY orders, 'a'; NOTIFY orders, 'b'");
            begun.await();
            Thread stop =
                    new Thread(
                            () -> {
                                try {
                                    route.stop();
                                } catch (Exception e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            stop.start();
            awaitThat(() -> assertThat(sessions(database, "orders")).isEmpty());
            assertThat(route.heard()).isEmpty();

            gate.countDown();
            stop.join();

            awaitThat(() -> assertThat(threads("orders")).isEmpty());
            assertThat(route.heard()).containsExactly("a");
        }
    }

    @Test
    void a_route_that_is_suspended_has_no_session_and_one_again_when_it_resumes() throws Exception {
        try (HeardRoute route = route().from(URI)) {
            awaitSession(database, "orders", "");
            route.context.getRouteController().suspendRoute(HeardRoute.ROUTE);
            awaitThat(() -> assertThat(sessions(database, "orders")).isEmpty());
            route.context.getRouteController().resumeRoute(HeardRoute.ROUTE);
            awaitSession(database, "orders", "");
            send(database, "orders", "1");
            awaitThat(() -> assertThat(route.heard()).containsExactly("1"));
            assertThat(threads("orders")).hasSize(1);
        }
    }

    @Test
    void two_routes_on_one_channel_hear_everything_both() throws Exception {
        try (HeardRoute route = route().from(URI)) {
            List<String> others = new java.util.concurrent.CopyOnWriteArrayList<>();
            route.context.addRoutes(
                    new RouteBuilder() {
                        @Override
                        public void configure() {
                            from(URI).process(e -> others.add(e.getIn().getBody(String.class)));
                        }
                    });
            awaitThat(() -> assertThat(sessions(database, "orders")).hasSize(2));

            send(database, "orders", "1");

            awaitThat(() -> assertThat(route.heard()).containsExactly("1"));
            awaitThat(() -> assertThat(others).containsExactly("1"));
        }
    }

    @Test
    void the_listener_of_a_hikari_pool_takes_no_connection_of_it() throws Exception {
        PGSimpleDataSource server = (PGSimpleDataSource) database.dataSource();
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(
                "jdbc:postgresql://localhost:%d/%s?password=unused"
                        .formatted(server.getPortNumbers()[0], server.getDatabaseName()));
        config.setUsername("postgres");
        config.setMaximumPoolSize(1);
        config.setMinimumIdle(0);
        config.addDataSourceProperty("ApplicationName", "the pool");
        config.addDataSourceProperty("options", "-c work_mem=1234kB");
        config.addDataSourceProperty("connectTimeout", 10);
        config.addDataSourceProperty("no such property", "x");
        try (HikariDataSource pool = new HikariDataSource(config);
                HeardRoute route = new HeardRoute(pool).from(URI);
                Connection connection = pool.getConnection()) {
            assertThat(connection.isValid(5)).isTrue();
            awaitSession(database, "orders", "");
            send(database, "orders", "1");
            awaitThat(() -> assertThat(route.heard()).containsExactly("1"));
            assertThat(pool.getHikariPoolMXBean().getTotalConnections()).isEqualTo(1);
        }
    }

    @Test
    void a_pool_that_only_has_a_data_source_lends_that() throws Exception {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setDataSource(database.dataSource());
            pool.setMaximumPoolSize(1);
            try (HeardRoute route = new HeardRoute(pool).from(URI)) {
                awaitSession(database, "orders", "");
                send(database, "orders", "1");
                awaitThat(() -> assertThat(route.heard()).containsExactly("1"));
                assertThat(pool.isRunning()).isFalse();
            }
        }
    }

    @Test
    void a_uri_with_host_and_port_needs_no_data_source() throws Exception {
        PGSimpleDataSource server = (PGSimpleDataSource) database.dataSource();
        String uri =
                "pgevent:localhost:%d/%s/orders?user=postgres&pass=canary/secret"
                        .formatted(server.getPortNumbers()[0], server.getDatabaseName());
        try (HeardRoute route = route().from(uri)) {
            awaitSession(database, "orders", "");
            send(database, "orders", "1");
            awaitThat(() -> assertThat(route.heard()).containsExactly("1"));
            assertThat(route.context.getRoute(HeardRoute.ROUTE).getEndpoint().toString())
                    .contains("orders")
                    .doesNotContain("canary")
                    .doesNotContain("secret");
        }
    }

    @Test
    void the_channel_is_heard_as_it_is_written() throws Exception {
        try (HeardRoute route = route().from("pgevent:///db/Orders_2?datasource=#db")) {
            awaitSession(database, "Orders_2", "");
            database.execute("NOTIFY orders_2, 'small'", "NOTIFY \"Orders_2\", 'as written'");
            awaitThat(() -> assertThat(route.heard()).containsExactly("as written"));
        }
    }

    @Test
    void a_channel_that_camel_would_cut_is_refused() {
        try (HeardRoute route = route()) {
            for (String channel :
                    List.of("two-words", "a\"b", "a.b", "x".repeat(64), "orders%3BDROP")) {
                assertThatThrownBy(
                                () ->
                                        route.from(
                                                "pgevent:///db/%s?datasource=#db&pass=canary"
                                                        .formatted(channel)))
                        .rootCause()
                        .hasMessageContaining("1 to 63 letters, digits and underscores")
                        .hasMessageNotContaining("canary");
            }
        }
    }

    @Test
    void a_wrong_option_is_refused() {
        try (HeardRoute route = route()) {
            assertThatThrownBy(() -> route.from(URI + "&pingInterval=0"))
                    .rootCause()
                    .hasMessage("pingInterval is 0; it must be a positive number of milliseconds");
            assertThatThrownBy(() -> route.from(URI + "&resnyc=true"))
                    .hasMessageContaining("resnyc");
        }
    }

    @Test
    void what_a_route_sends_to_a_channel_is_heard_on_it() throws Exception {
        try (HeardRoute route = route().from(URI + "&pingInterval=50")) {
            awaitSession(database, "orders", "");
            for (String payload : new String[] {"it's", "'); DROP TABLE x; --", ""}) {
                route.context.createProducerTemplate().sendBody(URI, payload);
            }
            awaitThat(
                    () ->
                            assertThat(route.heard())
                                    .containsExactly("it's", "'); DROP TABLE x; --", ""));
        }
    }

    @Test
    void pings_while_nothing_is_sent_are_no_exchanges() throws Exception {
        try (HeardRoute route = route().from(URI + "&pingInterval=1")) {
            String session = awaitSession(database, "orders", "");
            await().during(Duration.ofMillis(500))
                    .until(() -> sessions(database, "orders").equals(List.of(session)));
            assertThat(route.heard()).isEmpty();
            for (String number : numbers(200)) {
                send(database, "orders", number);
            }
            awaitThat(() -> assertThat(route.heard()).containsExactly(numbers(200)));
        }
    }
}
