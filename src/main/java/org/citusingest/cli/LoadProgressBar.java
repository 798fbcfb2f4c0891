package org.citusingest.cli;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows how far the loads are, on a terminal; nothing elsewhere. */
final class LoadProgressBar implements AutoCloseable {
    private static final long MEGABYTE = 1_000_000;

    private final boolean terminal;
    private final long started = System.nanoTime();
    private ProgressBar bar;

    private LoadProgressBar(boolean terminal) {
        this.terminal = terminal;
    }

    /** The launcher says whether the standard error goes to a terminal; Java cannot tell. */
    static LoadProgressBar onTerminal() {
        return new LoadProgressBar(Boolean.getBoolean("citusingest.terminal"));
    }

    void show(LoadRun.Progress progress) {
        if (!terminal || progress.bytesTotal() == 0) {
            return;
        }
        if (bar == null) {
            bar =
                    new ProgressBarBuilder()
                            .setTaskName("load")
                            .setUnit(" MB", MEGABYTE)
                            .setStyle(ProgressBarStyle.ASCII)
                            .setUpdateIntervalMillis(200)
                            .showSpeed()
                            .clearDisplayOnFinish()
                            .build();
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        bar.maxHint(Math.max(progress.bytesTotal(), progress.bytesDone()));
        bar.stepTo(progress.bytesDone());
        bar.setExtraMessage(
                String.format(
                        Locale.ROOT,
                        " %,d rows, %,.0f rows/s",
                        progress.rows(),
                        progress.rows() / seconds));
    }

    /**
     * Clears the bar, so that a line can be printed; it is drawn again by the next {@link #show}.
     */
    void pause() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    @Override
    public void close() {
        pause();
    }
}
