package org.citusingest.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.citusingest.ledger.RejectRecord;
import org.citusingest.ledger.RejectedRow;

/** Rejected rows as text for people, and as CSV and JSON for programs; one is held at a time. */
final class RejectLines {
    private static final int RAW_SHOWN = 160;

    private static final CSVFormat CSV =
            CSVFormat.RFC4180
                    .builder()
                    .setHeader(
                            "load",
                            "blob",
                            "table",
                            "row_number",
                            "byte_offset",
                            "column",
                            "sqlstate",
                            "reason",
                            "published",
                            "replay",
                            "rejected_at",
                            "raw")
                    .get();

    private final PrintWriter out;
    private long count;
    private String heading = "";

    RejectLines(PrintWriter out) {
        this.out = out;
    }

    long count() {
        return count;
    }

    /** Two lines a row, below a heading for each load and table. */
    void print(RejectRecord reject) {
        RejectedRow row = reject.row();
        String under =
                "load %d, %s to %s%s"
                        .formatted(
                                reject.load(),
                                LoadLines.printable(reject.source()),
                                LoadLines.printable(row.table()),
                                reject.published()
                                        ? ""
                                        : ": the load failed or was taken out, so no row beside these is in");
        if (!under.equals(heading)) {
            out.println(under);
            out.printf("  %10s  %-20s  %-5s  %s%n", "row", "column", "state", "reason");
            heading = under;
        }
        out.printf(
                "  %10d  %-20s  %-5s  %s%s%n",
                row.rowNumber(),
                row.column() == null ? "" : LoadLines.printable(row.column()),
                row.sqlState(),
                LoadLines.printable(row.reason()),
                reject.replay() == null ? "" : " (taken up by load %d)".formatted(reject.replay()));
        out.printf("  %10s  %s%n", "", shortened(row.rawText()));
        count++;
    }

    private static String shortened(String raw) {
        return raw.length() <= RAW_SHOWN
                ? LoadLines.printable(raw)
                : LoadLines.printable(raw.substring(0, RAW_SHOWN)) + "...";
    }

    static Map<String, Object> json(RejectRecord reject) {
        RejectedRow row = reject.row();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("load", reject.load());
        fields.put("blob", reject.source());
        fields.put("table", row.table());
        fields.put("rowNumber", row.rowNumber());
        fields.put("byteOffset", offset(row));
        fields.put("column", row.column());
        fields.put("sqlstate", row.sqlState());
        fields.put("reason", row.reason());
        fields.put("published", reject.published());
        fields.put("replay", reject.replay());
        fields.put("rejectedAt", reject.rejectedAt());
        fields.put("raw", row.rawText());
        return fields;
    }

    private static Long offset(RejectedRow row) {
        return row.byteOffset() < 0 ? null : row.byteOffset();
    }

    /**
     * Writes the header and what the source hands over.
     *
     * @param source reads the rows and hands them to the given consumer
     */
    static void csv(PrintWriter out, Consumer<Consumer<RejectRecord>> source) throws IOException {
        // Not closed: the writer belongs to the command line.
        CSVPrinter printer = new CSVPrinter(out, CSV);
        source.accept(
                reject -> {
                    RejectedRow row = reject.row();
                    try {
                        printer.printRecord(
                                reject.load(),
                                reject.source(),
                                row.table(),
                                row.rowNumber(),
                                offset(row),
                                row.column(),
                                row.sqlState(),
                                row.reason(),
                                reject.published(),
                                reject.replay(),
                                reject.rejectedAt(),
                                row.rawText());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }
}
