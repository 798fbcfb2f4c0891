package org.citusingest.faults;

import java.time.Duration;

/** Whether bytes pass through one connection of a proxy: they may be stopped and let go again. */
final class Flow {
    private boolean stalled;
    private boolean closed;
    private long resumed;

    synchronized void stall() {
        stalled = true;
    }

    synchronized void resume() {
        stalled = false;
        resumed++;
        notifyAll();
    }

    /** Ends every wait. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Waits while the connection is stalled. */
    synchronized void pass() throws InterruptedException {
        while (stalled && !closed) {
            wait();
        }
    }

    /** Waits until the connection is resumed the next time. */
    synchronized void hold() throws InterruptedException {
        long before = resumed;
        while (resumed == before && !closed) {
            wait();
        }
    }

    /** Waits that long, or until the connection is closed. */
    synchronized void pause(Duration duration) throws InterruptedException {
        long end = System.nanoTime() + duration.toNanos();
        for (long left = duration.toNanos(); left > 0 && !closed; left = end - System.nanoTime()) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
    }
}
