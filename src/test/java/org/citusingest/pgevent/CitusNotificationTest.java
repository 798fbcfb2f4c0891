package org.citusingest.pgevent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.citusingest.pgevent.HeardRoute.awaitSession;
import static org.citusingest.pgevent.HeardRoute.awaitThat;

import org.citusingest.CitusServer;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Notifications of a coordinator of Citus. */
@Tag("citus")
class CitusNotificationTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();

    @Test
    void what_is_sent_with_rows_of_a_distributed_table_is_heard_when_they_are_committed()
            throws Exception {
        TestDatabase database = CITUS.database();
        String channel = CITUS.schema();
        database.execute(
                "CREATE TABLE notified (id int)",
                "SELECT create_distributed_table('notified', 'id')");
        try (HeardRoute route =
                new HeardRoute(CITUS.loader().dataSource())
                        .from(
                                "pgevent:///db/%s?datasource=#db&reconnectDelay=50"
                                        .formatted(channel))) {
            String session = awaitSession(database, channel, "");
            for (int round = 1; round <= 3; round++) {
                String rows = "INSERT INTO notified SELECT generate_series(1, 100)";
                database.execute(
                        "BEGIN; %s; NOTIFY %s, 'rolled back'; ROLLBACK".formatted(rows, channel),
                        "BEGIN; %s; NOTIFY %s, '%d'; COMMIT".formatted(rows, channel, round));
                String last = String.valueOf(round);
                awaitThat(() -> assertThat(route.heard()).endsWith(last));
                database.execute("SELECT pg_terminate_backend(" + session + ")");
                session = awaitSession(database, channel, session);
            }
            assertThat(route.heard()).containsExactly("1", "2", "3");
            assertThat(database.count("notified")).isEqualTo(300);
        }
    }
}
