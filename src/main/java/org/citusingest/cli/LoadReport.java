package org.citusingest.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LoadRecord;
import org.citusingest.ledger.LoadState;

/** Follows loads by the ledger: a line for each that ends, and a bar on a terminal. */
final class LoadReport {
    private static final Duration PERIOD = Duration.ofMillis(100);

    private final Ledger ledger;
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;
    private final long started = System.nanoTime();

    private Instant lastTime = Instant.EPOCH;
    private long lastId;
    private int loaded;
    private int failed;
    private long rows;
    private long rejected;
    private long bytes;

    LoadReport(Ledger ledger, PrintWriter out, PrintWriter err, boolean json) {
        this.ledger = ledger;
        this.out = out;
        this.err = err;
        this.json = json;
    }

    int loaded() {
        return loaded;
    }

    long rows() {
        return rows;
    }

    long rejected() {
        return rejected;
    }

    /**
     * Prints until the run has ended.
     *
     * @return whether all went well
     */
    boolean follow(LoadRun run) throws InterruptedException {
        try (LoadProgressBar bar = LoadProgressBar.onTerminal()) {
            boolean running = true;
            while (running) {
                // Asked before the ledger, so that the loads that end in between are seen in the
                // last round.
                running = run.running();
                bar.show(run.progress());
                printFinished(bar);
                if (running) {
                    Thread.sleep(PERIOD.toMillis());
                }
            }
        }
        for (String error : run.errors()) {
            err.println(LoadLines.printable(error));
        }
        err.flush();
        boolean stepsOk = printAfterLoad();
        return stepsOk && run.errors().isEmpty() && failed == 0;
    }

    private void printFinished(LoadProgressBar bar) {
        if (ledger.version() == 0) {
            return;
        }
        List<LoadRecord> finished = ledger.finishedAfter(lastTime, lastId);
        if (finished.isEmpty()) {
            return;
        }
        bar.pause();
        for (LoadRecord load : finished) {
            print(load);
            lastTime = load.finishedAt();
            lastId = load.id();
        }
        out.flush();
    }

    private void print(LoadRecord load) {
        if (load.state() == LoadState.LOADED) {
            loaded++;
            rows += load.rowsCopied();
            rejected += load.rowsRejected();
            bytes += Math.max(0, load.sizeBytes());
        } else if (load.state() == LoadState.FAILED) {
            failed++;
        }
        out.println(json ? Json.line(LoadLines.json(load)) : LoadLines.text(load));
    }

    /** What went wrong after a load was published, such as its summary. */
    private boolean printAfterLoad() {
        if (ledger.version() == 0) {
            return true;
        }
        List<LoadRecord> affected =
                ledger.finishedAfter(Instant.EPOCH, 0).stream()
                        .filter(load -> load.state() == LoadState.LOADED && load.error() != null)
                        .toList();
        for (LoadRecord load : affected) {
            err.printf(
                    "%s: %s is loaded, but a step after it failed: %s%n",
                    load.pipeline(),
                    LoadLines.printable(load.source()),
                    LoadLines.printable(load.error()));
        }
        err.flush();
        return affected.isEmpty();
    }

    void printTotal() {
        double seconds = (System.nanoTime() - started) / 1e9;
        if (json) {
            Map<String, Object> total = new LinkedHashMap<>();
            total.put("loads", loaded);
            total.put("rowsCopied", rows);
            total.put("rowsRejected", rejected);
            total.put("failed", failed);
            total.put("bytes", bytes);
            total.put("seconds", Math.round(seconds * 1000) / 1000.0);
            out.println(Json.line(Map.of("total", total)));
        } else {
            out.printf(
                    java.util.Locale.ROOT,
                    "total: %d loads, %d rows, %d rejected, %d failed, %s, %.1f s%n",
                    loaded,
                    rows,
                    rejected,
                    failed,
                    LoadLines.bytes(bytes),
                    seconds);
        }
        out.flush();
    }
}
