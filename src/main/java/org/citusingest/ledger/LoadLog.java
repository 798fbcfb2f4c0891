package org.citusingest.ledger;

import java.util.Locale;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The one line that a load leaves in the log when it ends, as key=value. A logger of its own,
 * {@code citusingest.load}: a command that prints its loads turns it off.
 */
public final class LoadLog implements LoadObserver {
    private static final Logger LOG = LogManager.getLogger("citusingest.load");

    LoadLog() {}

    @Override
    public void loaded(Claim claim, long rows, long rejected, double seconds) {
        LOG.info(
                message(claim, LoadState.LOADED)
                        .and("rows", rows)
                        .and("rejected", rejected)
                        .and("bytes", claim.sizeBytes())
                        .and("seconds", seconds, String.format(Locale.ROOT, "%.3f", seconds))
                        .and("rowsPerSecond", seconds > 0 ? Math.round(rows / seconds) : 0));
    }

    @Override
    public void failed(Claim claim, String error) {
        LOG.warn(message(claim, LoadState.FAILED).says("error", "error: ", error));
    }

    @Override
    public void skipped(Claim claim, String reason) {
        LOG.warn(message(claim, LoadState.SKIPPED).says("reason", "reason: ", reason));
    }

    @Override
    public void failedAfterLoad(Claim claim, String error) {
        LOG.warn(message(claim, LoadState.LOADED).says("error", "a step after it failed: ", error));
    }

    private static LoadMessage message(Claim claim, LoadState state) {
        return new LoadMessage()
                .and("load", claim.id())
                .and("pipeline", claim.pipeline())
                // A name may hold line breaks, which must not forge a line.
                .and("source", printable(claim.source()))
                .and("attempt", claim.attempt())
                .and("state", state.toString());
    }

    /** A name without the line breaks and terminal codes that it may hold. */
    public static String printable(String name) {
        return name.replaceAll("\\p{Cntrl}", "?");
    }
}
