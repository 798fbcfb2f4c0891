package org.citusingest.monitoring;

import com.azure.storage.blob.BlobServiceClient;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.impl.DefaultCamelContext;
import org.citusingest.ledger.Ledger;

/** A context that is watched, with routes that the test gives it. */
final class Watched implements AutoCloseable {
    final Pages pages = Pages.atFreePort();
    final DefaultCamelContext context = new DefaultCamelContext();
    final Ledger ledger;
    private final HikariDataSource pool;
    private final HikariDataSource leases;
    private final Monitoring monitoring;

    Watched(DataSource database, BlobServiceClient storage) throws Exception {
        pool = pool(database);
        leases = pool(database);
        ledger = new Ledger(pool, leases, Duration.ofMinutes(1));
        monitoring =
                new Monitoring(
                        ManagementSettings.of(
                                key -> Optional.ofNullable(pages.properties().get(key))),
                        ledger,
                        pool,
                        leases);
        if (storage != null) {
            context.getRegistry().bind("client", storage);
        }
        context.getRegistry().bind("ledger", ledger);
        context.start();
        // As Camel Main does.
        HealthCheckRegistry checks = HealthCheckRegistry.get(context);
        for (String id : List.of("context", "routes", "consumers")) {
            checks.register(checks.resolveById(id));
        }
        monitoring.show(context);
    }

    private static HikariDataSource pool(DataSource database) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(database);
        config.setMaximumPoolSize(2);
        config.setMinimumIdle(0);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(2000);
        return new HikariDataSource(config);
    }

    Watched route(String id, String uri) throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from(uri).routeId(id).to("log:" + id);
                    }
                });
        return this;
    }

    @Override
    public void close() {
        context.stop();
        monitoring.close();
        ledger.close();
        pool.close();
        leases.close();
    }
}
