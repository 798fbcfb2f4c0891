package org.citusingest.cli;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes SIGTERM and SIGINT a normal end: what is in flight is finished, and the exit code is 0. */
final class StopSignal {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

    private final Thread hook;

    private StopSignal(Thread hook) {
        this.hook = hook;
    }

    /**
     * Installs the normal end; whatever else ends the process before {@link #remove} is called,
     * ends it so too.
     */
    static StopSignal install(Runnable stop) {
        Thread hook =
                new Thread(
                        () -> {
                            LOG.info("Stopping: what is being loaded is finished first");
                            stop.run();
                            LOG.info("Stopped");
                            System.out.flush();
                            System.err.flush();
                            // Otherwise the JVM exits with 128 + the signal, which looks like a
                            // crash.
                            Runtime.getRuntime().halt(0);
                        },
                        "citus-ingest stop");
        Runtime.getRuntime().addShutdownHook(hook);
        return new StopSignal(hook);
    }

    /** Takes it back: the process ends by itself, with its own exit code. */
    void remove() {
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
