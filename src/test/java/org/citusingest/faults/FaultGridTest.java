package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.citusingest.Workspace.Run;
import org.citusingest.citus.CitusEndpoint;
import org.citusingest.faults.FaultCase.Fault;
import org.citusingest.ledger.Failpoint;
import org.citusingest.ledger.Failpoints;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every failpoint with every fault, generated: after the fault a healthy process finishes, and the
 * {@link Checker} looks. The seed chooses one way to publish for each, {@code -Dfaults.all=true}
 * tries all; {@code -Dfaults.only=mid_copy} runs the cases with that in their names.
 */
class FaultGridTest {
    private static final Set<Failpoint> PLACED = placed();
    private static final boolean ALL = Boolean.getBoolean("faults.all");
    private static final String ONLY = System.getProperty("faults.only", "");

    @TempDir private static Path folder;

    /** The failpoints that the program comes by, as its classes say. */
    private static Set<Failpoint> placed() {
        Set<Failpoint> placed = EnumSet.noneOf(Failpoint.class);
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("org.citusingest")
                .get(Failpoint.class)
                .getAccessesToSelf()
                .forEach(
                        access -> {
                            if (access instanceof JavaFieldAccess field
                                    && !field.getOriginOwner().isEquivalentTo(Failpoint.class)
                                    && field.getTarget()
                                            .getRawType()
                                            .isEquivalentTo(Failpoint.class)) {
                                placed.add(Failpoint.valueOf(field.getTarget().getName()));
                            }
                        });
        return placed;
    }

    @Test
    void the_program_comes_by_every_failpoint() {
        assertThat(PLACED).containsExactlyInAnyOrder(Failpoint.values());
    }

    @TestFactory
    Stream<DynamicTest> nothing_is_lost_or_doubled() {
        Random random = Seed.random("faults.seed", "grid");
        List<FaultCase> cases = new ArrayList<>();
        for (Failpoint failpoint : PLACED) {
            for (Fault fault : Fault.values()) {
                List<FaultCase> ways =
                        Arrays.stream(CitusEndpoint.Publish.values())
                                .map(publish -> new FaultCase(failpoint, fault, publish.name()))
                                .filter(FaultCase::exists)
                                .toList();
                // The seed decides which way is tried; all of them are in the long run.
                cases.addAll(ALL ? ways : List.of(ways.get(random.nextInt(ways.size()))));
            }
        }
        return cases.stream()
                .filter(one -> one.toString().contains(ONLY))
                .map(one -> dynamicTest(one.toString(), () -> tryOut(one)));
    }

    private static void tryOut(FaultCase one) throws Exception {
        try {
            run(one);
        } finally {
            Failpoints.disarm();
        }
    }

    private static void run(FaultCase one) throws Exception {
        Random random = Seed.random("faults.seed", one.toString());
        boolean split = random.nextBoolean();
        boolean together = random.nextBoolean() && one.mayLoadTogether();
        Workload workload = new Workload(newFolder(), random, one.publish(), split, together);
        if (one.needsBadRows()) {
            workload.addBad();
        } else {
            workload.addSome();
        }
        String specification = one.specification(random, together);
        String output =
                switch (one.fault()) {
                    case KILL -> killed(workload, specification);
                    case EXCEPTION -> failed(workload, specification, one);
                    case STALL -> stalled(workload, specification, one);
                };
        // Whatever the fault left to be done is done beside the next blob, if not before.
        workload.add(10, 0);
        Run healthy = workload.loadHere();
        assertThat(healthy.code()).as(healthy.out() + healthy.err()).isZero();
        workload.check(output, healthy.out() + healthy.err());
    }

    private static Path newFolder() throws IOException {
        return Files.createTempDirectory(folder, "case");
    }

    private static String killed(Workload workload, String specification) throws Exception {
        try (IngestProcess child =
                IngestProcess.of(workload.workspace).failpoints(specification).load()) {
            assertThat(child.exitCode())
                    .as("%s was not reached: %s", specification, child.output())
                    .isEqualTo(IngestProcess.KILLED);
            return child.output();
        }
    }

    /** The same process goes on: another start would hide what it has lost track of. */
    private static String failed(Workload workload, String specification, FaultCase one) {
        Failpoints.arm(specification);
        Run run = workload.loadHere();
        assertReached(one, run);
        Failpoints.disarm();
        return run.out() + run.err();
    }

    private static String stalled(Workload workload, String specification, FaultCase one) {
        Failpoints.arm(specification);
        CompletableFuture<Run> stalled = CompletableFuture.supplyAsync(workload::loadHere);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> stalled.isDone() || Failpoints.fired().contains(one.failpoint()));
        Run other = workload.loadHere();
        Run run = stalled.join();
        assertReached(one, run);
        Failpoints.disarm();
        return List.of(run, other).toString();
    }

    private static void assertReached(FaultCase one, Run run) {
        Collection<Failpoint> fired = Failpoints.fired();
        assertThat(fired).as("%s: %s", one, run.out() + run.err()).contains(one.failpoint());
    }
}
