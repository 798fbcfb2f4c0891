package org.citusingest.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.utils.Signals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes SIGTERM and SIGINT a normal end: what is in flight is finished or rolled back, and the exit
 * code is 0. A second one ends the process at once, as SIGKILL does.
 */
final class StopSignal {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

    private static final String[] SIGNALS = {"TERM", "INT"};
    private static final int KILLED = 137;

    private final Runnable stop;
    private final AtomicBoolean received = new AtomicBoolean();

    private StopSignal(Runnable stop) {
        this.stop = stop;
    }

    /** Installs the normal end for the rest of the process. */
    static void install(Runnable stop) {
        StopSignal signal = new StopSignal(stop);
        for (String name : SIGNALS) {
            Signals.register(name, signal::receive);
        }
    }

    private void receive() {
        if (!received.compareAndSet(false, true)) {
            LOG.warn("Stopped at once by a second signal");
            Runtime.getRuntime().halt(KILLED);
        }
        // Not on the thread of the signal: a second one is to be heard.
        new Thread(this::end, "citus-ingest stop").start();
    }

    private void end() {
        LOG.info("Stopping: what is being loaded is finished first");
        try {
            stop.run();
        } catch (RuntimeException e) {
            LOG.error("Stopped, but not in order: {}", e.getMessage());
            LOG.debug("The stop failed", e);
        }
        LOG.info("Stopped");
        System.out.flush();
        System.err.flush();
        // An exit would wait for whatever thread does not end.
        Runtime.getRuntime().halt(0);
    }
}
