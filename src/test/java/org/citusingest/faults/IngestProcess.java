package org.citusingest.faults;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.citusingest.ChildApp;
import org.citusingest.Workspace;

/** A replica: citus-ingest as a process of its own, with the properties of a workspace. */
public final class IngestProcess implements AutoCloseable {
    /** The exit code of a process that a failpoint or kill -9 has ended. */
    public static final int KILLED = 137;

    private final ChildApp child;

    private IngestProcess(ChildApp child) {
        this.child = child;
    }

    /** How a replica is to be started. */
    public static final class Start {
        private final Workspace workspace;
        private final Map<String, String> environment = new TreeMap<>();
        private final List<String> jvm =
                new ArrayList<>(
                        // Halves the processor time of a start; what is tested does not depend on
                        // it.
                        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
        private String heap = "256m";

        private Start(Workspace workspace) {
            this.workspace = workspace;
        }

        /** The size of the heap, as in -Xmx; 256m if not said. */
        public Start heap(String size) {
            heap = size;
            return this;
        }

        public Start environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        public Start jvm(String option) {
            jvm.add(option);
            return this;
        }

        /** Failpoints, such as {@code BEFORE_COMMIT=kill@2}. */
        public Start failpoints(String specification) {
            return jvm("-Dcitusingest.failpoints=" + specification);
        }

        /** Starts the command {@code run}, which stays. */
        public IngestProcess run() {
            return command("run");
        }

        /** Starts the command {@code load}, which ends when all is loaded. */
        public IngestProcess load() {
            return command("load");
        }

        /** Starts any command. */
        public IngestProcess command(String name, String... options) {
            List<String> all = new ArrayList<>(jvm);
            all.add("-Xmx" + heap);
            return new IngestProcess(
                    ChildApp.start(
                            workspace.folder,
                            all,
                            environment,
                            workspace.arguments(name, options)));
        }
    }

    /** Begins a replica of this workspace. */
    public static Start of(Workspace workspace) {
        return new Start(workspace);
    }

    /** SIGKILL; returns when it has ended. */
    public void kill() throws InterruptedException {
        child.kill();
    }

    /** SIGTERM. */
    public void terminate() {
        child.terminate();
    }

    /** SIGSTOP: it stands still, with its connections open. */
    public void stop() throws IOException, InterruptedException {
        child.signal("STOP");
    }

    /** SIGCONT. */
    public void resume() throws IOException, InterruptedException {
        child.signal("CONT");
    }

    /** Waits for its end and says with which code. */
    public int exitCode() throws InterruptedException {
        return child.exitCode();
    }

    /** Its process id, with which its name in the ledger begins. */
    public long pid() {
        return child.pid();
    }

    public boolean isAlive() {
        return child.isAlive();
    }

    /** What it has printed and logged so far. */
    public String output() {
        return child.out() + child.err();
    }

    @Override
    public void close() {
        child.close();
    }
}
