package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

@Timeout(60)
class FaultProxyTest {
    private TestDatabase database;
    private FaultProxy proxy;
    private final List<Connection> connections = new ArrayList<>();

    @BeforeEach
    void startProxy() {
        database = TestDatabase.fresh();
        database.execute("CREATE TABLE t (a int)");
        PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
        proxy = FaultProxy.before("localhost", source.getPortNumbers()[0]);
    }

    @AfterEach
    void closeProxy() throws SQLException {
        for (Connection connection : connections) {
            // Unlike close(), it does not mind that the connection is broken.
            connection.abort(Runnable::run);
        }
        proxy.close();
    }

    private Connection connect(String parameters) throws SQLException {
        PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
        Connection connection =
                DriverManager.getConnection(
                        proxy.through(source.getUrl().replaceFirst("\\?.*", ""))
                                + "?user=postgres&ApplicationName=through-proxy&"
                                + parameters);
        connections.add(connection);
        return connection;
    }

    private Connection connect() throws SQLException {
        return connect("socketTimeout=30");
    }

    private static void insert(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO t VALUES (1)");
        }
    }

    private void awaitNoBackend() {
        await().untilAsserted(
                        () ->
                                assertThat(
                                                database.count(
                                                        "pg_stat_activity WHERE application_name = 'through-proxy'"
                                                                + " AND datname = current_database()"))
                                        .isZero());
    }

    @Test
    void passes_megabytes_of_copy_both_ways_unchanged() throws Exception {
        byte[] rows =
                IntStream.range(0, 600_000)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining("\n", "", "\n"))
                        .getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream back = new ByteArrayOutputStream();
        Connection connection = connect();
        PGConnection copies = connection.unwrap(PGConnection.class);
        copies.getCopyAPI().copyIn("COPY t FROM STDIN", new ByteArrayInputStream(rows));
        copies.getCopyAPI().copyOut("COPY t TO STDOUT", back);
        connection.close();
        assertThat(rows.length).isGreaterThan(4_000_000);
        assertThat(back.toByteArray()).isEqualTo(rows);
        await().untilAsserted(() -> assertThat(proxy.connections()).isZero());
    }

    @Test
    void tells_a_client_that_asks_for_encryption_that_there_is_none() throws Exception {
        Connection connection = connect("sslmode=prefer&gssEncMode=prefer");
        assertThat(connection.isValid(5)).isTrue();
        assertThatThrownBy(() -> connect("sslmode=require")).hasMessageContaining("SSL");
    }

    @Test
    void passes_on_that_a_query_is_to_be_cancelled() throws Exception {
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(50)"))
                    .hasMessageContaining("canceling statement");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"extended", "simple", "extendedForPrepared"})
    void loses_the_answer_to_the_second_commit(String mode) throws Exception {
        Rule<Message, Action> rule = proxy.on(Message.commit()).nth(2).then(Action.cutAnswer());
        Connection connection = connect("preferQueryMode=" + mode);
        insert(connection);
        connection.commit();
        assertThat(rule.hits()).isZero();
        insert(connection);

        assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
        assertThat(rule.hits()).isEqualTo(1);
        assertThat(rule.seen()).isEqualTo(2);
        assertThat(database.count("t")).isEqualTo(2);
    }

    @Test
    void loses_the_answer_to_a_statement_that_the_server_keeps_prepared() throws Exception {
        Rule<Message, Action> rule =
                proxy.on(Message.query("INSERT .*")).nth(7).then(Action.resetAnswer());
        Connection connection = connect("prepareThreshold=2");
        try (var insert = connection.prepareStatement("INSERT INTO t VALUES (?)")) {
            for (int i = 1; i < 7; i++) {
                insert.setInt(1, i);
                insert.execute();
            }
            assertThatThrownBy(insert::execute).isInstanceOf(SQLException.class);
        }
        assertThat(rule.hits()).isEqualTo(1);
        assertThat(database.count("t")).isEqualTo(7);
    }

    @Test
    void drops_the_answer_to_a_commit_and_the_client_waits_in_vain() throws Exception {
        Rule<Message, Action> rule = proxy.on(Message.commit()).then(Action.dropAnswer());
        Connection connection = connect("socketTimeout=1");
        insert(connection);
        assertThatThrownBy(connection::commit).hasRootCauseMessage("Read timed out");
        assertThat(rule.hits()).isEqualTo(1);
        assertThat(database.count("t")).isEqualTo(1);
    }

    @Test
    void cuts_before_a_commit_so_that_the_server_rolls_back() throws Exception {
        Rule<Message, Action> rule = proxy.on(Message.commit()).then(Action.cut());
        Connection connection = connect();
        insert(connection);
        assertThatThrownBy(connection::commit).isInstanceOf(SQLException.class);
        assertThat(rule.hits()).isEqualTo(1);
        awaitNoBackend();
        assertThat(database.count("t")).isZero();
    }

    @Test
    void drops_a_message_that_the_server_then_never_sees() throws Exception {
        Rule<Message, Action> rule = proxy.on(Message.query("INSERT .*")).then(Action.drop());
        Connection connection = connect("preferQueryMode=simple&socketTimeout=1");
        assertThatThrownBy(() -> insert(connection)).hasRootCauseMessage("Read timed out");
        assertThat(rule.hits()).isEqualTo(1);
        assertThat(database.count("t")).isZero();
    }

    @Test
    void holds_an_answer_until_it_is_resumed() throws Exception {
        Rule<Message, Action> rule = proxy.on(Message.commit()).then(Action.holdAnswer());
        Connection connection = connect();
        insert(connection);
        CompletableFuture<Void> commit =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                connection.commit();
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        await().untilAsserted(() -> assertThat(database.count("t")).isEqualTo(1));
        await().untilAsserted(() -> assertThat(rule.hits()).isEqualTo(1));
        assertThat(commit).isNotDone();

        proxy.resume();
        commit.get();
    }

    @Test
    void does_something_between_commit_and_its_answer() throws Exception {
        AtomicLong rows = new AtomicLong(-1);
        proxy.on(Message.commit()).then(Action.runOnAnswer(() -> rows.set(database.count("t"))));
        Connection connection = connect();
        insert(connection);
        connection.commit();
        assertThat(rows).hasValue(1);
    }

    @Test
    void cuts_amid_a_copy() throws Exception {
        Rule<Message, Action> rule = proxy.on(Message.copyData()).nth(5).then(Action.reset());
        byte[] rows = "1\n".repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
        Connection connection = connect();
        assertThatThrownBy(
                        () ->
                                connection
                                        .unwrap(PGConnection.class)
                                        .getCopyAPI()
                                        .copyIn(
                                                "COPY t FROM STDIN",
                                                new ByteArrayInputStream(rows)))
                .isInstanceOf(SQLException.class);
        assertThat(rule.hits()).isEqualTo(1);
        awaitNoBackend();
        assertThat(database.count("t")).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ends_all_connections(boolean reset) throws Exception {
        Connection one = connect();
        Connection other = connect();
        assertThat(reset ? proxy.resetAll() : proxy.cutAll()).isEqualTo(2);

        assertThatThrownBy(() -> insert(one))
                .rootCause()
                .message()
                .matches(text -> text == null || !reset || text.contains("reset"));
        assertThat(other.isValid(5)).isFalse();
        awaitNoBackend();
        Connection next = connect();
        assertThat(next.isValid(5)).isTrue();
    }

    @Test
    void stalls_old_and_new_connections_until_it_is_resumed() throws Exception {
        Connection connection = connect("socketTimeout=1");
        proxy.stall();
        assertThatThrownBy(() -> insert(connection)).hasRootCauseMessage("Read timed out");
        assertThatThrownBy(() -> connect("loginTimeout=1")).isInstanceOf(SQLException.class);
        proxy.resume();
        assertThat(connect().isValid(5)).isTrue();
    }

    @Test
    void refuses_connections_while_it_is_down() throws Exception {
        Connection connection = connect();
        proxy.down();
        assertThat(connection.isValid(5)).isFalse();
        assertThatThrownBy(this::connect).hasMessageContaining("refused");
        proxy.up();
        assertThat(connect().isValid(5)).isTrue();
    }

    @Test
    void makes_every_answer_late() throws Exception {
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            proxy.delay(Duration.ofMillis(100));
            long start = System.nanoTime();
            statement.execute("SELECT 1");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(200));
        }
    }

    @Test
    void lets_only_so_many_bytes_a_second_pass() throws Exception {
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            proxy.limit(100_000);
            long start = System.nanoTime();
            try (ResultSet row = statement.executeQuery("SELECT repeat('x', 50000)")) {
                assertThat(row.next()).isTrue();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(500));
        }
    }

    @Test
    void lets_a_client_that_has_gone_go_at_the_server_too() throws Exception {
        Connection connection = connect();
        proxy.stall();
        connection.abort(Runnable::run);
        proxy.resume();
        awaitNoBackend();
    }

    @Test
    void a_statement_that_fails_does_not_shift_the_answers_of_later_ones() throws Exception {
        Rule<Message, Action> rule = proxy.on(Message.query("INSERT .*")).then(Action.cutAnswer());
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("SELECT 1 / 0"))
                    .hasMessageContaining("zero");
            assertThatThrownBy(() -> statement.execute("SELECT 1; SELECT * FROM nowhere; SELECT 2"))
                    .hasMessageContaining("nowhere");
            assertThat(connection.isValid(5)).isTrue();
            assertThat(rule.hits()).isZero();
            assertThatThrownBy(() -> insert(connection)).isInstanceOf(SQLException.class);
        }
        assertThat(rule.hits()).isEqualTo(1);
    }
}
