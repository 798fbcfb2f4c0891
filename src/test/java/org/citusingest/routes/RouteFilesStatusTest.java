package org.citusingest.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.citusingest.routes.FollowedFolder.awaitThat;
import static org.citusingest.routes.FollowedFolder.route;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broken file in the health checks and in JMX. */
class RouteFilesStatusTest {
    private static final String BROKEN = "- route:\n    id: x\n    nothing: y\n";

    @TempDir private Path folder;
    private FollowedFolder followed;

    @BeforeEach
    void newFolder() {
        followed = new FollowedFolder(folder);
    }

    @AfterEach
    void stop() {
        followed.close();
    }

    private HealthCheck.Result health() {
        return HealthCheckRegistry.get(followed.context)
                .getCheck("routes")
                .orElseThrow()
                .call(Map.of());
    }

    private Object attribute(String name) throws Exception {
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName mbean =
                new ObjectName(
                        "org.apache.camel:context=%s,type=routefiles,name=\"routes\""
                                .formatted(followed.context.getManagementName()));
        return server.getAttribute(mbean, name);
    }

    @Test
    void name_a_broken_file_with_line_and_column_until_it_is_mended() throws Exception {
        followed.write("good.yaml", route("good", "it"));
        Path bad = followed.write("bad.yaml", BROKEN);
        followed.follow();
        String error = bad + ":2:5: Unsupported field: nothing";

        assertThat(health().getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(health().getCheck().isReadiness()).isTrue();
        assertThat(health().getMessage()).contains("degraded: 1 of 2 route files cannot be used");
        assertThat(health().getDetails()).containsEntry("bad.yaml", error);
        assertThat((String[]) attribute("BrokenFiles")).containsExactly(error);
        assertThat((String[]) attribute("RouteFiles")).containsExactly("good.yaml: [good]");
        assertThat(attribute("BrokenFileCount")).isEqualTo(1);

        followed.write("bad.yaml", route("bad", "mended"));

        awaitThat(() -> assertThat(attribute("BrokenFileCount")).isEqualTo(0));
        assertThat(health().getMessage()).isEmpty();
        assertThat(health().getDetails()).doesNotContainKey("bad.yaml");
        assertThat((String[]) attribute("BrokenFiles")).isEmpty();
        assertThat((String[]) attribute("RouteFiles"))
                .containsExactly("bad.yaml: [bad]", "good.yaml: [good]");
    }

    @Test
    void readiness_is_down_only_when_there_are_files_and_none_runs() throws Exception {
        followed.follow();
        assertThat(health().getState()).isEqualTo(HealthCheck.State.UP);

        followed.write("a.yaml", BROKEN);
        awaitThat(() -> assertThat(health().getState()).isEqualTo(HealthCheck.State.DOWN));
        followed.write("a.yaml", route("a", "it"));
        awaitThat(() -> assertThat(health().getMessage()).isEmpty());
        assertThat(health().getState()).isEqualTo(HealthCheck.State.UP);

        // The last good version runs.
        followed.write("a.yaml", BROKEN);
        awaitThat(() -> assertThat(health().getMessage()).isPresent());
        assertThat(health().getState()).isEqualTo(HealthCheck.State.UP);
    }
}
