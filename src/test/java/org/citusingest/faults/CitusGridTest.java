package org.citusingest.faults;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.citusingest.CitusServer;
import org.citusingest.TestDatabase;
import org.citusingest.Workspace;
import org.citusingest.citus.CitusEndpoint;
import org.citusingest.faults.FaultCase.Fault;
import org.citusingest.ledger.Failpoint;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The grid of {@link FaultGridTest} into a distributed table, by each door. The seed chooses one
 * fault and one way to publish for each failpoint and door. Each case has a ledger of its own, in
 * place of the one in the database.
 */
@Tag("citus")
class CitusGridTest {
    private static final String ONLY = System.getProperty("faults.only", "");

    @RegisterExtension static final CitusServer CITUS = new CitusServer();

    @TempDir private static Path folder;

    @TestFactory
    Stream<DynamicTest> nothing_is_lost_or_doubled_by_any_door() {
        Random random = Seed.random("faults.seed", "citus grid");
        List<DynamicTest> tests = new ArrayList<>();
        for (Failpoint failpoint : FaultGridTest.placed()) {
            List<FaultCase> cases =
                    Arrays.stream(Fault.values())
                            .flatMap(
                                    fault ->
                                            Arrays.stream(CitusEndpoint.Publish.values())
                                                    .map(
                                                            publish ->
                                                                    new FaultCase(
                                                                            failpoint,
                                                                            fault,
                                                                            publish.name())))
                            .filter(FaultCase::exists)
                            .toList();
            for (String entry : List.of("coordinator", "any", "shard")) {
                FaultCase one = cases.get(random.nextInt(cases.size()));
                String name = one + ", entry=" + entry;
                if (name.contains(ONLY)) {
                    tests.add(dynamicTest(name, () -> tryOut(one, entry)));
                }
            }
        }
        return tests.stream();
    }

    private static void tryOut(FaultCase one, String entry) throws Exception {
        Random random = Seed.random("faults.seed", one + " " + entry);
        boolean split = random.nextBoolean();
        boolean together = random.nextBoolean() && one.mayLoadTogether();
        TestDatabase database = CITUS.database();
        database.execute(
                "DROP SCHEMA IF EXISTS citus_ingest CASCADE",
                "DROP TABLE IF EXISTS item, item_total",
                "DROP FUNCTION IF EXISTS rollup_item");
        Workspace workspace = new Workspace(Files.createTempDirectory(folder, "case"), database);
        CITUS.use(workspace);
        Workload workload =
                new Workload(workspace, random, one.publish(), split, together, Optional.of(entry));
        CITUS.loader("item_total");
        new FaultTrial(one, together, random).run(workload);
    }
}
