package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.citusingest.citus.CitusEndpoint;
import org.citusingest.faults.FaultCase.Fault;
import org.citusingest.ledger.Failpoint;
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
    static Set<Failpoint> placed() {
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
        Random random = Seed.random("faults.seed", one.toString());
        boolean split = random.nextBoolean();
        boolean together = random.nextBoolean() && one.mayLoadTogether();
        Path own = Files.createTempDirectory(folder, "case");
        new FaultTrial(one, together, random)
                .run(new Workload(own, random, one.publish(), split, together));
    }
}
