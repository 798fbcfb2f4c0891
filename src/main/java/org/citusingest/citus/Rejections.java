package org.citusingest.citus;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.citusingest.ledger.RejectedRow;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowCursor;

/** The rejected rows of a load: how many they are, and whether they are too many. Thread-safe. */
final class Rejections {
    /**
     * So many are kept of a load that fails; those of one that is published are all in the ledger.
     */
    private static final int MOST_KEPT = 10_000;

    private static final long MOST_KEPT_BYTES = 16L << 20;

    private static final int MOST_VALUE_CHARS = 100;

    private final String source;
    private final List<RejectedRow> kept = new ArrayList<>();
    private final Map<String, Long> byTable = new HashMap<>();
    private long keptBytes;
    private long count;
    private byte[] header = new byte[0];
    private MaxRejects most = new MaxRejects(java.math.BigDecimal.ZERO, false);
    private RejectedRow first;
    private String firstValue;
    private String remains = "";

    /**
     * @param source what the rows come from, for messages
     */
    Rejections(String source) {
        this.source = source;
    }

    /** Counts rows that an earlier attempt has rejected and committed. */
    synchronized void countEarlier(long earlier) {
        count += earlier;
    }

    /** How many more may be refused before the load fails; never negative. */
    synchronized long left(MaxRejects limit) {
        return Math.max(0, limit.most() - Math.min(limit.most(), count));
    }

    synchronized long count() {
        return count;
    }

    /** How many rows were rejected of each table. */
    synchronized Map<String, Long> byTable() {
        return Map.copyOf(byTable);
    }

    synchronized byte[] header() {
        return header;
    }

    /** The first of them, for a load that fails. */
    synchronized List<RejectedRow> kept() {
        return List.copyOf(kept);
    }

    /**
     * Adds the refused rows of a batch.
     *
     * @param remains what a message says of the table when they are too many
     * @return them with all that is known of each
     * @throws CopyException when they are too many, whatever is still to come
     */
    List<RejectedRow> add(
            EncodedBatch batch, List<Refusal> refusals, MaxRejects limit, String remains)
            throws CopyException {
        if (refusals.isEmpty()) {
            return List.of();
        }
        List<RejectedRow> rows = new ArrayList<>(refusals.size());
        String value = describe(batch, refusals, rows);
        synchronized (this) {
            if (count == 0) {
                header = batch.batch().header();
            }
            if (first == null || rows.get(0).rowNumber() < first.rowNumber()) {
                first = rows.get(0);
                firstValue = value;
            }
            most = limit;
            this.remains = remains;
            count += rows.size();
            byTable.merge(batch.target().table().sql(), (long) rows.size(), Long::sum);
            for (RejectedRow row : rows) {
                if (kept.size() < MOST_KEPT && keptBytes < MOST_KEPT_BYTES) {
                    kept.add(row);
                    keptBytes += row.raw().length;
                }
            }
            if (count > limit.most()) {
                throw tooMany();
            }
        }
        return rows;
    }

    /**
     * Checks a percentage, once the number of rows is known.
     *
     * @throws CopyException when they are too many
     */
    synchronized void check(long rows) throws CopyException {
        if (first != null && most.isExceeded(count, rows)) {
            throw tooMany();
        }
    }

    private CopyException tooMany() {
        return CopyException.tooMany(source, first, firstValue, count, most, remains);
    }

    /** Adds the rows in the order of the source, and gives the refused value of the first. */
    private static String describe(
            EncodedBatch batch, List<Refusal> refusals, List<RejectedRow> rows) {
        List<Refusal> ordered =
                refusals.stream().sorted(Comparator.comparingInt(Refusal::index)).toList();
        RowCursor row = batch.batch().cursor();
        int index = -1;
        String firstValue = null;
        for (Refusal refusal : ordered) {
            while (index < refusal.index()) {
                row.next();
                index++;
            }
            if (rows.isEmpty()) {
                firstValue = value(batch, row, refusal);
            }
            rows.add(
                    new RejectedRow(
                            row.rowNumber(),
                            row.byteOffset(),
                            row.raw(),
                            batch.target().table().sql(),
                            refusal.column(),
                            refusal.sqlState(),
                            refusal.reason()));
        }
        return firstValue;
    }

    private static String value(EncodedBatch batch, RowCursor row, Refusal refusal) {
        List<Table.Column> columns = batch.target().mapping().columns();
        RowFields fields = new RowFields(batch.target().mapping(), batch.load().claim());
        for (int i = 0; i < columns.size(); i++) {
            Field field =
                    columns.get(i).name().equals(refusal.column())
                                    && !refusal.sqlState().equals(Refusal.BAD_TEXT)
                            ? fields.read(row, i)
                            : null;
            if (field != null) {
                String text = field.toString().replaceAll("\\p{Cntrl}", "?");
                return text.length() <= MOST_VALUE_CHARS
                        ? text
                        : text.substring(0, MOST_VALUE_CHARS) + "...";
            }
        }
        return null;
    }
}
