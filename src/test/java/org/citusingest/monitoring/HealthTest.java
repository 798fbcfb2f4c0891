package org.citusingest.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthTest {
    @TempDir private Path folder;

    @Test
    void first() {
        try (Observed app = new Observed(folder)) {
            app.workspace.upload("items/a.csv", "id,name\n1,one\n");
            app.run();
            app.awaitPage(
                    "/observe/metrics",
                    page -> page.body().contains("citus_ingest_rows_total{pipeline=\"items\"} 1"));
            System.err.println(app.get("/observe/health", true).body());
            System.err.println(app.get("/observe/health", false).body());
            System.err.println(app.get("/observe/health/ready", false).body());
            System.err.println(app.get("/observe/health/live", false).body());
            System.err.println(app.get("/observe/metrics", true).body());
            System.err.println(app.get("/observe/metrics", false).body());
            System.err.println(app.process().output());
        }
        assertThat(true).isTrue();
    }
}
