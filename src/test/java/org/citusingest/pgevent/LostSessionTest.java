package org.citusingest.pgevent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.citusingest.pgevent.HeardRoute.awaitSession;
import static org.citusingest.pgevent.HeardRoute.awaitThat;
import static org.citusingest.pgevent.HeardRoute.send;
import static org.citusingest.pgevent.HeardRoute.sessions;
import static org.citusingest.pgevent.HeardRoute.threads;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.camel.ServiceStatus;
import org.citusingest.OwnServer;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Sessions that end in every way there is: each time there is one session again, and one exchange a
 * notification.
 */
class LostSessionTest {
    private static final String URI = "pgevent:///db/orders?datasource=#db&reconnectDelay=50";

    @TempDir private Path folder;

    private static void terminate(TestDatabase database, String session) {
        database.execute("SELECT pg_terminate_backend(" + session + ")");
    }

    /** For longer than many reconnects take. */
    private static void assertStaysOneSession(TestDatabase database, String session) {
        await().during(Duration.ofSeconds(1))
                .until(() -> sessions(database, "orders").equals(List.of(session)));
    }

    @Test
    void a_session_that_is_killed_thirty_times_is_one_session_afterwards() throws Exception {
        TestDatabase database = TestDatabase.fresh();
        List<String> sent = new ArrayList<>();
        try (HeardRoute route = new HeardRoute(database.dataSource()).from(URI);
                LogLines log = LogLines.of(Listener.class)) {
            String session = awaitSession(database, "orders", "");
            for (int kill = 1; kill <= 30; kill++) {
                terminate(database, session);
                session = awaitSession(database, "orders", session);
                String payload = "after kill " + kill;
                sent.add(payload);
                send(database, "orders", payload);
                awaitThat(() -> assertThat(route.heard()).endsWith(payload));
            }

            assertStaysOneSession(database, session);
            assertThat(route.heard()).isEqualTo(sent);
            assertThat(threads("orders")).hasSize(1);
            assertThat(log.at("WARN"))
                    .hasSize(30)
                    .allMatch(
                            line ->
                                    line.startsWith("The channel orders is not heard: ")
                                            && !line.contains("\n"));
            assertThat(log.at("INFO")).hasSize(30);
        }
        awaitThat(() -> assertThat(sessions(database, "orders")).isEmpty());
    }

    @Test
    void nothing_is_heard_twice_or_out_of_order_while_sessions_are_killed() throws Exception {
        TestDatabase database = TestDatabase.fresh();
        try (HeardRoute route = new HeardRoute(database.dataSource()).from(URI)) {
            String session = awaitSession(database, "orders", "");
            for (int number = 1; number <= 500; number++) {
                send(database, "orders", String.valueOf(number));
                if (number % 100 == 0) {
                    terminate(database, session);
                    session = awaitSession(database, "orders", session);
                }
            }
            send(database, "orders", "501");

            awaitThat(() -> assertThat(route.heard()).endsWith("501"));
            List<Integer> numbers = route.heard().stream().map(Integer::valueOf).toList();
            assertThat(numbers).isSorted().doesNotHaveDuplicates();
            // Those sent while the session stood: at most the last ones before a kill are missed.
            assertThat(numbers)
                    .containsAll(
                            IntStream.rangeClosed(1, 400)
                                    .filter(number -> number % 100 == 1)
                                    .boxed()
                                    .toList());
            assertStaysOneSession(database, session);
        }
    }

    @Test
    void a_server_that_is_restarted_again_and_again_is_heard_each_time() throws Exception {
        try (OwnServer server = new OwnServer(folder).start();
                HeardRoute route = new HeardRoute(server.dataSource()).from(URI);
                LogLines log = LogLines.of(Listener.class)) {
            TestDatabase database = server.database();
            awaitSession(database, "orders", "");
            for (int restart = 1; restart <= 3; restart++) {
                server.stop();
                awaitThat(() -> assertThat(log.at("WARN")).hasSizeGreaterThanOrEqualTo(1));
                server.start();

                String session = awaitSession(database, "orders", "");
                String payload = "after restart " + restart;
                send(database, "orders", payload);
                awaitThat(() -> assertThat(route.heard()).endsWith(payload));
                assertStaysOneSession(database, session);
            }
            assertThat(route.heard())
                    .containsExactly("after restart 1", "after restart 2", "after restart 3");
            assertThat(route.status()).isEqualTo(ServiceStatus.Started);
            assertThat(log.at("INFO")).hasSize(3);
            // One when the session is lost, and at most one more when that lasts.
            assertThat(log.at("WARN").size()).isBetween(3, 6);
        }
    }

    @Test
    void a_route_that_starts_before_its_server_hears_when_it_is_there() throws Exception {
        OwnServer server = new OwnServer(folder);
        try (server;
                LogLines log = LogLines.of(Listener.class);
                HeardRoute route = new HeardRoute(server.dataSource()).from(URI)) {
            assertThat(route.status()).isEqualTo(ServiceStatus.Started);
            awaitThat(() -> assertThat(log.at("WARN")).hasSize(2));
            server.start();

            String session = awaitSession(server.database(), "orders", "");
            send(server.database(), "orders", "1");

            awaitThat(() -> assertThat(route.heard()).containsExactly("1"));
            assertStaysOneSession(server.database(), session);
            assertThat(log.at("WARN")).hasSize(2);
        }
    }

    @Test
    void a_stop_ends_the_search_for_a_server_that_is_not_there() throws Exception {
        OwnServer none = new OwnServer(folder);
        try (LogLines log = LogLines.of(Listener.class);
                HeardRoute route = new HeardRoute(none.dataSource()).from(URI)) {
            awaitThat(() -> assertThat(log.at("WARN")).isNotEmpty());
            route.stop();
            awaitThat(() -> assertThat(threads("orders")).isEmpty());
        }
    }

    @Test
    void a_connection_that_went_silent_is_replaced() throws Exception {
        TestDatabase database = TestDatabase.fresh();
        PGSimpleDataSource server = (PGSimpleDataSource) database.dataSource();
        try (Forwarder forwarder = Forwarder.to(server.getPortNumbers()[0])) {
            String uri =
                    "pgevent:localhost:%d/%s/orders?reconnectDelay=50&pingInterval=100&resync=true"
                            .formatted(forwarder.port(), server.getDatabaseName());
            try (HeardRoute route = new HeardRoute(server).from(uri)) {
                String session = awaitSession(database, "orders", "");
                for (int silence = 1; silence <= 2; silence++) {
                    forwarder.fallSilent();
                    send(database, "orders", "lost on the way");

                    session = awaitSession(database, "orders", session);
                    send(database, "orders", "heard " + silence);
                    String last = "heard " + silence;
                    awaitThat(() -> assertThat(route.heard()).endsWith(last));
                }
                assertThat(route.heard())
                        .containsExactly("resync", "resync", "heard 1", "resync", "heard 2");
                assertStaysOneSession(database, session);
            }
        }
    }

    @Test
    void a_stop_does_not_wait_for_a_connection_that_went_silent() throws Exception {
        TestDatabase database = TestDatabase.fresh();
        PGSimpleDataSource server = (PGSimpleDataSource) database.dataSource();
        try (Forwarder forwarder = Forwarder.to(server.getPortNumbers()[0])) {
            String uri =
                    "pgevent:localhost:%d/%s/orders?pingInterval=600000"
                            .formatted(forwarder.port(), server.getDatabaseName());
            try (HeardRoute route = new HeardRoute(server).from(uri)) {
                awaitSession(database, "orders", "");
                forwarder.fallSilent();
                route.stop();
                awaitThat(() -> assertThat(threads("orders")).isEmpty());
            }
        }
    }

    @Test
    void settings_that_the_server_changes_and_tells_of_lose_no_session_for_good() throws Exception {
        try (OwnServer server = new OwnServer(folder).start();
                HeardRoute route = new HeardRoute(server.dataSource()).from(URI)) {
            TestDatabase database = server.database();
            awaitSession(database, "orders", "");
            // A session tells its client of the new value at once, unasked.
            database.execute(
                    "ALTER SYSTEM SET DateStyle = 'German, DMY'", "SELECT pg_reload_conf()");
            for (int number = 1; number <= 3; number++) {
                String payload = String.valueOf(number);
                awaitThat(
                        () -> {
                            send(database, "orders", payload);
                            assertThat(route.heard()).contains(payload);
                        });
            }
            assertStaysOneSession(database, awaitSession(database, "orders", ""));
        }
    }
}
