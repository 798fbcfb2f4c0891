package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.citusingest.TestDatabase;
import org.citusingest.Workspace;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More loads at once than there are connections. */
@Timeout(120)
class PoolTest {
    private static final int ROUTES = 6;
    private static final int BLOBS = 3;

    private static final String ROUTE =
            """
            - route:
                id: r%1$d
                from:
                  uri: blobs:%2$s
                  parameters: { include: "r%1$d/**", delay: "200", retryDelay: "100" }
                  steps:
                    - unmarshal:
                        custom: { ref: delimited }
                    - to: { uri: "citus:item%1$d", parameters: { publish: %3$s, maxRejects: "10" } }
            """;

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"load", "batch"})
    void six_routes_get_on_with_three_connections(String publish) throws Exception {
        Workspace workspace = new Workspace(folder);
        workspace
                .set("citus.connections", "3")
                .set("ledger.lease", "2")
                .set("camel.dataformat.delimited.batchBytes", "65536");
        List<Source> sources = new ArrayList<>();
        List<Checker> checkers = new ArrayList<>();
        for (int route = 0; route < ROUTES; route++) {
            workspace.database.execute(
                    "CREATE TABLE item%d (id int CHECK (id > 0), name text, _load_id bigint)"
                            .formatted(route));
            workspace.route(
                    "r%d.camel.yaml".formatted(route),
                    ROUTE.formatted(route, workspace.container.getBlobContainerName(), publish));
            for (int blob = 0; blob < BLOBS; blob++) {
                long first = 1 + blob * 10_000L;
                Source source =
                        new Source(
                                "r%d/%d.csv".formatted(route, blob),
                                first,
                                8000,
                                List.of(first + 10, first + 4001));
                sources.add(source);
                workspace.upload(source.blob(), source.csv());
            }
            checkers.add(Checker.of(workspace.database, "r" + route, "item" + route));
        }
        try (IngestProcess process = IngestProcess.of(workspace).run()) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> !process.isAlive() || isLoaded(workspace.database));
            process.terminate();
            assertThat(process.exitCode()).as(process.output()).isZero();
            assertThat(process.output()).doesNotContain("Connection is not available");
        }
        for (int route = 0; route < ROUTES; route++) {
            String prefix = "r%d/".formatted(route);
            checkers.get(route)
                    .check(
                            sources.stream()
                                    .filter(source -> source.blob().startsWith(prefix))
                                    .toList());
        }
    }

    private static boolean isLoaded(TestDatabase database) {
        boolean ledger = !database.ask("SELECT to_regclass('citus_ingest.load')").equals("null");
        return ledger
                && database.count("citus_ingest.load WHERE state = 'loaded'") == ROUTES * BLOBS;
    }
}
