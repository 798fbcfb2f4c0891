package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.citusingest.Workspace.Run;
import org.citusingest.ledger.Failpoint;
import org.citusingest.ledger.Failpoints;

/**
 * A fault amid a load: after it a healthy process finishes, and the {@link Checker} looks.
 *
 * @param together whether blobs are loaded together
 */
record FaultTrial(FaultCase one, boolean together, Random random) {
    void run(Workload workload) throws Exception {
        try {
            if (one.needsBadRows()) {
                workload.addBad();
            } else {
                workload.addSome();
            }
            String specification = one.specification(random, together);
            String output =
                    switch (one.fault()) {
                        case KILL -> killed(workload, specification);
                        case EXCEPTION -> failed(workload, specification);
                        case STALL -> stalled(workload, specification);
                    };
            // Whatever the fault left to be done is done beside the next blob, if not before.
            workload.add(10, 0);
            Run healthy = workload.loadHere();
            assertThat(healthy.code()).as(healthy.out() + healthy.err()).isZero();
            workload.check(output, healthy.out() + healthy.err());
        } finally {
            Failpoints.disarm();
        }
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
    private String failed(Workload workload, String specification) {
        Failpoints.arm(specification);
        Run run = workload.loadHere();
        assertReached(run);
        Failpoints.disarm();
        return run.out() + run.err();
    }

    private String stalled(Workload workload, String specification) {
        Failpoints.arm(specification);
        CompletableFuture<Run> stalled = CompletableFuture.supplyAsync(workload::loadHere);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> stalled.isDone() || Failpoints.fired().contains(one.failpoint()));
        Run other = workload.loadHere();
        Run run = stalled.join();
        assertReached(run);
        Failpoints.disarm();
        return List.of(run, other).toString();
    }

    private void assertReached(Run run) {
        Collection<Failpoint> fired = Failpoints.fired();
        assertThat(fired).as("%s: %s", one, run.out() + run.err()).contains(one.failpoint());
    }
}
