package org.citusingest.pgevent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.Endpoint;
import org.apache.camel.component.pgevent.PgEventComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.citusingest.TestDatabase;
import org.citusingest.routes.RouteFile;
import org.citusingest.routes.RouteFolder;
import org.citusingest.routes.RouteRules;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who serves the scheme {@code pgevent}. */
class NotificationComponentTest {
    @TempDir private Path folder;
    private final CamelContext context = new DefaultCamelContext();
    private final TestDatabase database = TestDatabase.fresh();

    @BeforeEach
    void bind() {
        NotificationComponent.bind(context.getRegistry());
        context.getRegistry().bind("db", database.dataSource());
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void it_is_the_bean_and_not_the_component_of_the_class_path() {
        Component component = context.getComponent("pgevent");
        assertThat(component).isInstanceOf(NotificationComponent.class);
        assertThat(context.getComponent("pgevent")).isSameAs(component);
        CamelContext other = new DefaultCamelContext();
        assertThat(other.getComponent("pgevent")).isExactlyInstanceOf(PgEventComponent.class);
        other.stop();
    }

    @Test
    void a_context_that_looks_into_the_same_registry_has_one_of_its_own() throws Exception {
        context.setAutoStartup(false);
        context.start();
        Path file =
                Files.writeString(
                        folder.resolve("hears.camel.yaml"),
                        """
                        - route:
                            id: hears
                            from:
                              uri: pgevent
                              parameters:
                                host: localhost
                                port: 5432
                                database: db
                                channel: orders
                                datasource: "#db"
                                resync: true
                                pingInterval: 5000
                              steps:
                                - to: log:a
                        """);
        List<Component> used = new ArrayList<>();

        List<RouteFile> outcomes =
                new RouteFolder(
                                file.getParent(),
                                RouteRules.NONE,
                                (path, scratch) -> {
                                    Component component =
                                            scratch.getComponent("pgevent", false, false);
                                    assertThat(component.getCamelContext()).isSameAs(scratch);
                                    used.add(component);
                                    Endpoint hears = scratch.getRoute("hears").getEndpoint();
                                    assertThat(hears.getCamelContext()).isSameAs(scratch);
                                    assertThat(hears)
                                            .isInstanceOfSatisfying(
                                                    NotificationEndpoint.class,
                                                    endpoint -> {
                                                        assertThat(endpoint.isResync()).isTrue();
                                                        assertThat(endpoint.getPingInterval())
                                                                .isEqualTo(5000);
                                                        assertThat(endpoint.getDatasource())
                                                                .isSameAs(database.dataSource());
                                                    });
                                })
                        .load(context)
                        .outcomes();

        assertThat(outcomes).containsExactly(new RouteFile.Usable(file, List.of("hears")));
        Component own = context.getComponent("pgevent");
        assertThat(used).singleElement().isNotSameAs(own);
        assertThat(own.getCamelContext()).isSameAs(context);
        assertThat(HeardRoute.sessions(database, "orders")).isEmpty();
    }
}
