package org.citusingest.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.citusingest.ledger.LoadRecord;
import org.citusingest.ledger.LoadState;

/** A load as text for people and as JSON for programs. */
final class LoadLines {
    private LoadLines() {}

    static String text(LoadRecord load) {
        String start = "%s  %-7s  %s".formatted(load.pipeline(), load.state(), source(load));
        if (load.state() != LoadState.LOADED) {
            return start + "  " + error(load);
        }
        return start
                + "  %d rows, %d rejected%s, %s, %d rows/s"
                        .formatted(
                                load.rowsCopied(),
                                load.rowsRejected(),
                                load.sizeBytes() < 0 ? "" : ", " + bytes(load.sizeBytes()),
                                seconds(load.duration()),
                                load.rowsPerSecond());
    }

    /** The source as one line, and whether these are rows of it that were rejected before. */
    static String source(LoadRecord load) {
        return printable(load.source())
                + (load.replayOf() == null ? "" : " (replay of %d)".formatted(load.replayOf()));
    }

    /** A load as a person is told of it in the middle of a sentence. */
    static String name(LoadRecord load) {
        return "load %d of %s".formatted(load.id(), printable(load.source()));
    }

    /** The error, without the source where that stands in front of it already. */
    static String error(LoadRecord load) {
        if (load.error() == null) {
            return "";
        }
        return printable(
                load.error().startsWith(load.source())
                        ? load.error().substring(load.source().length()).strip()
                        : load.error());
    }

    static Map<String, Object> json(LoadRecord load) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("load", load.id());
        fields.put("pipeline", load.pipeline());
        fields.put("source", load.source());
        fields.put("etag", load.etag());
        fields.put("state", load.state().toString());
        fields.put("replayOf", load.replayOf());
        fields.put("attempts", load.attempts());
        fields.put("rowsCopied", load.rowsCopied());
        fields.put("rowsRejected", load.rowsRejected());
        fields.put("bytes", load.sizeBytes() < 0 ? null : load.sizeBytes());
        fields.put("seconds", load.duration() == null ? null : load.duration().toMillis() / 1000.0);
        fields.put("rowsPerSecond", load.rowsPerSecond());
        fields.put("foundAt", load.foundAt());
        fields.put("startedAt", load.startedAt());
        fields.put("finishedAt", load.finishedAt());
        fields.put("summarizedAt", load.summarizedAt());
        fields.put("error", load.error());
        return fields;
    }

    static String bytes(long count) {
        if (count < 0) {
            return "";
        }
        if (count < 1000) {
            return count + " B";
        }
        double value = count;
        String unit = "";
        for (String next : new String[] {"kB", "MB", "GB", "TB"}) {
            if (value >= 1000) {
                value /= 1000;
                unit = next;
            }
        }
        return String.format(Locale.ROOT, "%.1f %s", value, unit);
    }

    static String seconds(Duration duration) {
        return duration == null
                ? ""
                : String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    /**
     * A name or a row may hold line breaks, terminal codes and marks that turn the direction of
     * writing; a line of output may not.
     */
    static String printable(String name) {
        return name.replaceAll("[\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]", "?");
    }
}
