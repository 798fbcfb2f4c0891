package org.citusingest.faults;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.citusingest.TestAzurite;
import org.citusingest.Workspace;
import org.citusingest.Workspace.Run;

/**
 * A pipeline with all that can be got wrong: small and large blobs, one without rows, bad rows that
 * are to be rejected, and a summary that would count a load twice if it were asked twice.
 */
final class Workload {
    private static final String PASSWORD = "canary-password";
    private static final String ROUTE =
            """
            - route:
                id: items
                from:
                  uri: blobs:%s
                  parameters:
                    include: "items/**"
                    delay: "200"
                    retryDelay: "100"
                    maxAttempts: "1000"
                    batchFiles: "%d"
                  steps:
                    - unmarshal:
                        custom: { ref: delimited }
                    %s
                    - setBody:
                        constant: "SELECT citus_ingest.summarize('items', 'SELECT rollup_item()')"
                    - to: jdbc:citus
            """;
    private static final String WHOLE = "- to: { uri: \"citus:item\", parameters: { %s } }";
    private static final String SPLIT =
            """
            - split:
                simple: "${body}"
                streaming: true
                parallelProcessing: true
                executorService: copy
                aggregationStrategy: "#loadResult"
                steps:
                  - to: { uri: "citus:item", parameters: { %s } }
            """;

    final Workspace workspace;
    final Checker checker;
    private final Random random;
    private final List<Source> sources = new ArrayList<>();
    private long nextId = 1;

    /**
     * Makes the tables and the route.
     *
     * @param publish the option of {@code citus:}
     * @param split whether a split shows the batches, or {@code citus:} takes the source whole
     * @param together whether blobs are loaded together
     */
    Workload(Path folder, Random random, String publish, boolean split, boolean together) {
        this(new Workspace(folder), random, publish, split, together);
    }

    /**
     * As {@link #Workload(Path, Random, String, boolean, boolean)}, in a workspace that the test
     * has made.
     */
    Workload(Workspace workspace, Random random, String publish, boolean split, boolean together) {
        this(workspace, random, publish, split, together, Optional.empty());
    }

    /**
     * As before, into a distributed table of a Citus.
     *
     * @param entry the option of {@code citus:}; empty for a table of PostgreSQL
     */
    Workload(
            Workspace workspace,
            Random random,
            String publish,
            boolean split,
            boolean together,
            Optional<String> entry) {
        this.random = random;
        this.workspace = workspace;
        workspace.set("ledger.lease", "2");
        // The server trusts whoever comes; nobody is to read it anywhere.
        workspace.set("citus.password", PASSWORD);
        workspace.set("camel.dataformat.delimited.batchBytes", "131072");
        workspace.database.execute(
                "CREATE TABLE item (id int CHECK (id > 0), name text, _load_id bigint)",
                "CREATE INDEX ON item (_load_id)",
                "CREATE TABLE item_total (bucket int PRIMARY KEY, rows bigint, ids bigint)",
                """
                CREATE FUNCTION rollup_item() RETURNS void LANGUAGE plpgsql AS $$
                DECLARE
                    loads bigint[] := string_to_array(current_setting('citus_ingest.load_ids'), ',')::bigint[];
                BEGIN
                    INSERT INTO item_total
                    SELECT id % 10, count(*), sum(id) FROM item WHERE _load_id = ANY (loads) GROUP BY 1
                    ON CONFLICT (bucket) DO UPDATE
                    SET rows = item_total.rows + excluded.rows, ids = item_total.ids + excluded.ids;
                END
                $$
                """);
        if (entry.isPresent()) {
            workspace.database.execute(
                    "SELECT create_distributed_table('item', 'id', shard_count => 4)");
        }
        String parameters =
                "publish: %s, maxRejects: \"50%%\", entry: %s"
                        .formatted(publish, entry.orElse("auto"));
        String copy = (split ? SPLIT : WHOLE).formatted(parameters).strip();
        workspace.route(
                "items.camel.yaml",
                ROUTE.formatted(
                        workspace.container.getBlobContainerName(),
                        together ? 50 : 1,
                        copy.replace("\n", "\n        ")));
        checker =
                Checker.of(workspace.database, "items", "item")
                        .summary(
                                "item_total",
                                "SELECT id % 10, count(*), sum(id) FROM item GROUP BY 1");
    }

    List<Source> sources() {
        return sources;
    }

    /** Adds a blob of so many rows and uploads it. */
    Source add(int rows, int badRows) {
        Set<Long> bad = new TreeSet<>();
        while (bad.size() < badRows) {
            bad.add(nextId + random.nextInt(rows));
        }
        Source source =
                new Source(
                        "items/%05d.csv".formatted(sources.size()), nextId, rows, List.copyOf(bad));
        nextId += rows;
        sources.add(source);
        workspace.upload(source.blob(), source.csv());
        return source;
    }

    /** Some small blobs, one without rows, and a large one somewhere between them. */
    void addSome() {
        List<Integer> sizes = new ArrayList<>(List.of(0, large()));
        for (int i = random.nextInt(3); i >= 0; i--) {
            sizes.add(1 + random.nextInt(400));
        }
        Collections.shuffle(sizes, random);
        sizes.forEach(rows -> add(rows, 0));
    }

    /** A large blob with bad rows in each of its batches. */
    void addBad() {
        add(large(), 100);
    }

    /** Of several batches, and sometimes of several lanes. */
    private int large() {
        return (random.nextInt(6) == 0 ? 400_000 : 30_000) + random.nextInt(10_000);
    }

    /** Loads in this process, with a healthy network, until nothing waits. */
    Run loadHere() {
        return workspace.run("load");
    }

    /** That what the process was given is loaded once, and no secret was told. */
    void check(String... outputs) {
        checker.check(sources);
        String key = TestAzurite.connectionString().replaceAll(".*AccountKey=([^;]*);.*", "$1");
        Checker.checkSecrets(List.of(key, PASSWORD), List.of(outputs));
    }
}
