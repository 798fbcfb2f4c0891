package org.citusingest.routes;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the folder while the routes run. A file is taken when two looks at it, a period apart,
 * have seen the same; so what is being written, or gone for the moment of being replaced, is not.
 */
public final class RouteWatcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RouteWatcher.class);

    /** How often to look whether routes on their way out have ended. */
    private static final long SETTLE_MILLIS = 100;

    /** What a step may take that is under way when the watcher is closed. */
    private static final long CLOSE_SECONDS = 15;

    private final RouteFolder folder;
    private final RouteFiles files;
    private final long periodMillis;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::watch, "citus-ingest routes");
    private Map<Path, RouteText> looked = new HashMap<>();
    private String unreadable;

    /**
     * Makes a watcher of a folder whose files have been loaded.
     *
     * @param periodMillis how often to look
     */
    public RouteWatcher(RouteFolder folder, RouteFiles files, long periodMillis) {
        this.folder = folder;
        this.files = files;
        this.periodMillis = periodMillis;
        files.paths().forEach(path -> looked.put(path, files.newest(path)));
    }

    /** Starts to watch, on a thread of its own. */
    public void start() {
        files.follow();
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        try {
            long looked = System.nanoTime();
            long pause = periodMillis;
            while (!closed.await(pause, TimeUnit.MILLISECONDS)) {
                long period = TimeUnit.MILLISECONDS.toNanos(periodMillis);
                if (System.nanoTime() - looked >= period) {
                    looked = System.nanoTime();
                    look();
                }
                pause = settle() ? Math.min(SETTLE_MILLIS, periodMillis) : periodMillis;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean settle() {
        try {
            return files.settle();
        } catch (RuntimeException e) {
            LOG.error("The files of routes are looked at again: {}", e.toString(), e);
            return false;
        }
    }

    void look() {
        Map<Path, RouteText> now;
        try {
            now = folder.texts();
            unreadable = null;
        } catch (IllegalArgumentException e) {
            if (!e.getMessage().equals(unreadable)) {
                unreadable = e.getMessage();
                LOG.warn("The routes go on as they are: {}", unreadable);
            }
            return;
        }
        Set<Path> paths = new HashSet<>(now.keySet());
        paths.addAll(files.paths());
        for (Path path : paths) {
            RouteText text = now.get(path);
            boolean stands = Objects.equals(text, looked.get(path));
            if (stands && !Objects.equals(text, files.newest(path))) {
                files.want(path, Optional.ofNullable(text));
            }
        }
        looked = now;
    }

    /** Ends the watching; a step that is under way is finished first. */
    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
