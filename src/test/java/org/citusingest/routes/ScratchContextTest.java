package org.citusingest.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.ServiceStatus;
import org.apache.camel.impl.DefaultCamelContext;
import org.citusingest.TestPostgres;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchContextTest {
    @TempDir private Path folder;
    private final CamelContext context = new DefaultCamelContext();
    private final AtomicInteger calls = new AtomicInteger();

    @AfterEach
    void stop() {
        context.stop();
    }

    private Trial trial(Path file, RouteFolder.Check check) {
        RouteText text = RouteText.read(file, WritableBy.ANYONE).orElseThrow();
        return Trial.of(context, text, List.of(), List.of(), RouteRules.NONE, check);
    }

    @Test
    void builds_a_route_with_lent_beans_and_properties_and_starts_no_consumer() throws Exception {
        Properties properties = new Properties();
        properties.put("period", "1");
        context.getPropertiesComponent().setOverrideProperties(properties);
        context.getRegistry().bind("counter", (Processor) exchange -> calls.incrementAndGet());
        Path file =
                Files.writeString(
                        folder.resolve("ticks.yaml"),
                        """
                        - route:
                            id: ticks
                            autoStartup: true
                            from:
                              uri: timer:ticks?delay=0&period={{period}}
                              steps:
                                - process: { ref: counter }
                        """);
        AtomicInteger looks = new AtomicInteger();

        Trial trial =
                trial(
                        file,
                        (path, scratch) -> {
                            looks.incrementAndGet();
                            assertThat(scratch.getRouteController().getRouteStatus("ticks"))
                                    .isEqualTo(ServiceStatus.Stopped);
                            assertThat(scratch.getEndpoints()).hasSize(1);
                        });

        assertThat(trial).isInstanceOf(Trial.Passed.class);
        assertThat(looks).hasValue(1);
        assertThat(calls).hasValue(0);
    }

    @Test
    void leaves_the_lent_registry_and_context_as_they_were() throws Exception {
        context.getRegistry().bind("citus", TestPostgres.freshDatabase());
        Map<String, Object> before = context.getRegistry().findByTypeWithName(Object.class);
        Path file =
                Files.writeString(
                        folder.resolve("beans.yaml"),
                        """
                        - beans:
                            - name: list
                              type: java.util.ArrayList
                        - route:
                            id: uses-it
                            from:
                              uri: direct:a
                              steps:
                                - bean: { ref: list, method: size }
                                - to: citus:item
                        """);

        assertThat(trial(file, (path, scratch) -> {})).isInstanceOf(Trial.Passed.class);

        assertThat(context.getRegistry().lookupByName("list")).isNull();
        assertThat(context.getRegistry().findByTypeWithName(Object.class)).isEqualTo(before);
        assertThat(context.getRoutes()).isEmpty();
        assertThat(context.getEndpoints()).isEmpty();
        assertThat(context.getComponentNames()).doesNotContain("citus", "direct");
    }
}
