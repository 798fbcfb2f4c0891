package org.citusingest.cli;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.utils.Signals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes SIGTERM and SIGINT an end in order: what is in flight is finished or rolled back, and the
 * process ends with the code of its command. A second one ends it at once, as SIGKILL does.
 */
final class StopSignal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

    private static final String[] SIGNALS = {"TERM", "INT"};
    private static final int KILLED = 137;

    private final Runnable stop;
    private final int exitCode;
    private final Map<String, Object> before = new HashMap<>();
    private final AtomicBoolean received = new AtomicBoolean();

    private StopSignal(Runnable stop, int exitCode) {
        this.stop = stop;
        this.exitCode = exitCode;
    }

    /**
     * Installs this end.
     *
     * @param stop finishes or rolls back what is in flight
     * @param exitCode 0 for a command that is ended by a signal, 1 for one that ends by itself
     */
    static StopSignal install(Runnable stop, int exitCode) {
        StopSignal signal = new StopSignal(stop, exitCode);
        for (String name : SIGNALS) {
            signal.before.put(name, Signals.register(name, signal::receive));
        }
        return signal;
    }

    /** Signals mean what they meant before. */
    @Override
    public void close() {
        before.forEach(Signals::unregister);
    }

    /** Waits for a signal, and for the end that it makes: does not return. */
    void await() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    /** Once there was a signal, does not return. */
    void hold() throws InterruptedException {
        if (received.get()) {
            await();
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
        Runtime.getRuntime().halt(exitCode);
    }
}
