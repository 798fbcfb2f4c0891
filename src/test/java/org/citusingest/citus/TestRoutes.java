package org.citusingest.citus;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.dataformat.csv.CsvDataFormat;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.RedeliveryPolicyDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.concurrent.ThreadPoolRejectedPolicy;
import org.citusingest.TestDatabase;
import org.citusingest.rows.DelimitedDataFormat;
import org.postgresql.ds.PGSimpleDataSource;

/** A Camel context with the beans that a route finds in the application, and routes into citus:. */
final class TestRoutes implements AutoCloseable {
    private static final int CONNECTIONS = 12;
    private static final int CONNECTION_TIMEOUT_MILLIS = 10_000;

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final HikariDataSource pool;
    private final ProducerTemplate template = context.createProducerTemplate();

    private TestRoutes(DataSource database) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(database);
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
        pool = new HikariDataSource(config);
        context.setStreamCaching(false);
        context.getRegistry().bind("citus", pool);
        context.getRegistry().bind("loadResult", new LoadResult());
        if (database instanceof PGSimpleDataSource coordinator) {
            context.getRegistry()
                    .bind("nodes", (NodeConnector) (host, port) -> node(coordinator, host, port));
        }
        ThreadPoolProfile copy = new ThreadPoolProfile("copy");
        copy.setPoolSize(2);
        copy.setMaxPoolSize(2);
        copy.setMaxQueueSize(2);
        copy.setRejectedPolicy(ThreadPoolRejectedPolicy.CallerRuns);
        context.getExecutorServiceManager().registerThreadPoolProfile(copy);
        DefaultErrorHandlerDefinition quiet = new DefaultErrorHandlerDefinition();
        quiet.setRedeliveryPolicy(
                new RedeliveryPolicyDefinition().logExhausted(false).logStackTrace(false));
        context.getCamelContextExtension().setErrorHandlerFactory(quiet);
    }

    private static Connection node(PGSimpleDataSource coordinator, String host, int port)
            throws SQLException {
        PGSimpleDataSource node = new PGSimpleDataSource();
        node.setUrl(coordinator.getURL());
        node.setServerNames(new String[] {host});
        node.setPortNumbers(new int[] {port});
        return node.getConnection(coordinator.getUser(), coordinator.getPassword());
    }

    /** Routes in the YAML DSL, and a data format that they name. */
    static TestRoutes yaml(
            TestDatabase database, String yaml, String format, DelimitedDataFormat options) {
        return start(
                database.dataSource(),
                context -> {
                    context.getRegistry().bind(format, options);
                    PluginHelper.getRoutesLoader(context)
                            .loadRoutes(ResourceHelper.fromString("routes.camel.yaml", yaml));
                });
    }

    static TestRoutes of(TestDatabase database, RoutesBuilder... routes) {
        return of(database.dataSource(), routes);
    }

    static TestRoutes of(DataSource database, RoutesBuilder... routes) {
        return start(
                database,
                context -> {
                    for (RoutesBuilder route : routes) {
                        context.addRoutes(route);
                    }
                });
    }

    /**
     * The route {@code direct:split}: unmarshal, split, {@code citus:}.
     *
     * @param batchBytes how large its batches are
     * @param table the table and the options of {@code citus:}
     */
    static RouteBuilder split(int batchBytes, String table) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:split")
                        .routeId("split")
                        .unmarshal(delimited(batchBytes))
                        .split(body())
                        .streaming()
                        .parallelProcessing()
                        .executorService("copy")
                        .aggregationStrategy("#loadResult")
                        .to("citus:" + table);
            }
        };
    }

    /** The route {@code direct:whole}: unmarshal, {@code citus:}. */
    static RouteBuilder whole(int batchBytes, String table) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:whole")
                        .routeId("whole")
                        .unmarshal(delimited(batchBytes))
                        .to("citus:" + table);
            }
        };
    }

    /** The route {@code direct:csv}: unmarshal by Camel's own csv, split into lists, citus:. */
    static RouteBuilder csv(int rows, String table) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:csv")
                        .routeId("csv")
                        .unmarshal(new CsvDataFormat().setLazyLoad(true).setUseMaps(true))
                        .split(simple("${collate(" + rows + ")}"))
                        .streaming()
                        .aggregationStrategy("#loadResult")
                        .to("citus:" + table);
            }
        };
    }

    static DelimitedDataFormat delimited(int batchBytes) {
        DelimitedDataFormat format = new DelimitedDataFormat();
        format.setBatchBytes(batchBytes);
        return format;
    }

    private interface Loading {
        void into(DefaultCamelContext context) throws Exception;
    }

    private static TestRoutes start(DataSource database, Loading routes) {
        TestRoutes started = new TestRoutes(database);
        try {
            routes.into(started.context);
            started.context.start();
            started.template.start();
            return started;
        } catch (Exception e) {
            started.close();
            throw new AssertionError(e.getMessage(), e);
        }
    }

    /** Sends a body under a load key; what came of it is in the exchange. */
    Exchange send(String endpoint, String key, Object body) {
        return send(endpoint, key, body, Map.of());
    }

    private Exchange send(String endpoint, String key, Object body, Map<String, Object> headers) {
        return template.send(
                endpoint,
                exchange -> {
                    exchange.getMessage().setBody(body);
                    exchange.getMessage().setHeader(CitusConstants.LOAD_KEY, key);
                    headers.forEach(exchange.getMessage()::setHeader);
                });
    }

    /** Loads a body that is to be loaded. */
    LoadTotals load(String endpoint, String key, Object body) {
        return load(endpoint, key, body, Map.of());
    }

    LoadTotals load(String endpoint, String key, Object body, Map<String, Object> headers) {
        Exchange exchange = send(endpoint, key, body, headers);
        if (exchange.getException() != null) {
            throw new AssertionError(
                    "The load failed: " + exchange.getException().getMessage(),
                    exchange.getException());
        }
        return exchange.getMessage().getBody(LoadTotals.class);
    }

    /** The failure of a load that is to fail. */
    Exception failure(String endpoint, String key, Object body) {
        return failure(endpoint, key, body, Map.of());
    }

    Exception failure(String endpoint, String key, Object body, Map<String, Object> headers) {
        Exchange exchange = send(endpoint, key, body, headers);
        if (exchange.getException() == null) {
            throw new AssertionError("The load did not fail: " + exchange.getMessage().getBody());
        }
        return exchange.getException();
    }

    /** How many connections are out of the pool. */
    int connectionsInUse() {
        return pool.getHikariPoolMXBean().getActiveConnections();
    }

    /** How many threads wait for a connection of the pool. */
    int connectionsAwaited() {
        return pool.getHikariPoolMXBean().getThreadsAwaitingConnection();
    }

    DefaultCamelContext context() {
        return context;
    }

    @Override
    public void close() {
        context.stop();
        pool.close();
    }
}
