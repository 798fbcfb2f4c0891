package org.citusingest.ledger;

import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one line that a load leaves in the log when it ends, as key=value. A logger of its own,
 * {@code citusingest.load}: a command that prints its loads turns it off.
 */
public final class LoadLog {
    private static final Logger LOG = LoggerFactory.getLogger("citusingest.load");

    private LoadLog() {}

    /** All rows are in. */
    public static void loaded(Claim claim, long rows, long rejected, double seconds) {
        LOG.info(
                "{} state=loaded rows={} rejected={} bytes={} seconds={} rowsPerSecond={}",
                load(claim),
                rows,
                rejected,
                claim.sizeBytes(),
                String.format(Locale.ROOT, "%.3f", seconds),
                Math.round(rows / seconds));
    }

    /** None of the rows is in, and that is final. */
    public static void failed(Claim claim, String error) {
        LOG.warn("{} state=failed error: {}", load(claim), error);
    }

    /** There is nothing to load. */
    public static void skipped(Claim claim, String reason) {
        LOG.warn("{} state=skipped reason: {}", load(claim), reason);
    }

    /** The rows are in, but what was to follow did not go well. */
    public static void failedAfterLoad(Claim claim, String error) {
        LOG.warn("{} state=loaded a step after it failed: {}", load(claim), error);
    }

    private static String load(Claim claim) {
        // A name may hold line breaks, which must not forge a line.
        return "load=%d pipeline=%s source=%s attempt=%d"
                .formatted(
                        claim.id(), claim.pipeline(), printable(claim.source()), claim.attempt());
    }

    /** A name without the line breaks and terminal codes that it may hold. */
    public static String printable(String name) {
        return name.replaceAll("\\p{Cntrl}", "?");
    }
}
