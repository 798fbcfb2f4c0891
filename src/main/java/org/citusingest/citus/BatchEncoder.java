package org.citusingest.citus;

import java.util.ArrayList;
import java.util.List;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowBatch.Span;
import org.citusingest.rows.RowCursor;

/** Encodes the batches of a load for one table. Any number of threads may use it. */
final class BatchEncoder {
    private final CopyTarget target;
    private final Load load;
    private final RowsPool pool;

    BatchEncoder(CopyTarget target, Load load, RowsPool pool) {
        this.target = target;
        this.load = load;
        this.pool = pool;
    }

    /** A reader of the values that are copied. */
    RowFields fields() {
        return new RowFields(target.mapping(), load.claim());
    }

    /** Where the rows of one batch go. */
    interface Destinations {
        /**
         * Where this row goes.
         *
         * @return {@link #NOWHERE} when it is to be left out; null when that is not certain
         */
        EncodedRows of(RowCursor row);

        /** All rows that were put somewhere. */
        List<EncodedRows> all();
    }

    /** Of rows that are in their table already. */
    static final EncodedRows NOWHERE = new EncodedRows("", CopyFormat.TEXT, new CopyBuffer(0), 0);

    /** The rows of the batch that stand in this part of the source, all for the table itself. */
    EncodedBatch encode(RowBatch batch, Span part, Runnable done) {
        CopyFormat format = target.binary() ? CopyFormat.BINARY : CopyFormat.TEXT;
        int bytes = (int) Math.min(part.to() - part.from(), Integer.MAX_VALUE / 2);
        EncodedRows rows =
                pool.take(target.table().sql(), format, bytes + (bytes >> 2) + 64, batch.size());
        return encode(
                batch,
                part,
                new Destinations() {
                    @Override
                    public EncodedRows of(RowCursor row) {
                        return rows;
                    }

                    @Override
                    public List<EncodedRows> all() {
                        return List.of(rows);
                    }
                },
                done);
    }

    /**
     * The rows of the batch that stand in this part of the source.
     *
     * @param part a part of the batch's span, from the start of a row to the end of one
     * @param done see {@link EncodedBatch}
     */
    EncodedBatch encode(RowBatch batch, Span part, Destinations destinations, Runnable done) {
        RowFields fields = fields();
        RowEncoder encoder = new RowEncoder(target, fields);
        EncodedRows uncertain =
                new EncodedRows(target.table().sql(), CopyFormat.TEXT, new CopyBuffer(64), 16);
        List<Refusal> refused = new ArrayList<>();
        RowCursor row = batch.cursor();
        for (int index = 0; row.next(); index++) {
            long at = row.byteOffset() < 0 ? row.rowNumber() : row.byteOffset();
            if (at < part.from() || at >= part.to()) {
                continue;
            }
            String refusal = row.refusal();
            if (refusal != null) {
                refused.add(new Refusal(index, null, Refusal.BAD_FORMAT, refusal));
                continue;
            }
            if (row.fields() != target.mapping().width()) {
                refused.add(ragged(index, row.fields()));
                continue;
            }
            EncodedRows certain = destinations.of(row);
            if (certain == NOWHERE) {
                continue;
            }
            if (certain != null && encoder.certain(row, certain.bytes())) {
                certain.add(index);
                continue;
            }
            Refusal noText = noText(index, row, fields);
            if (noText != null) {
                refused.add(noText);
            } else {
                encoder.text(row, uncertain.bytes());
                uncertain.add(index);
            }
        }
        List<EncodedRows> all = destinations.all();
        all.forEach(target.order()::sort);
        return new EncodedBatch(
                target,
                load,
                batch,
                part,
                all,
                uncertain,
                refused,
                List.of(),
                () -> {
                    all.forEach(pool::give);
                    done.run();
                });
    }

    private Refusal ragged(int index, int fields) {
        return new Refusal(
                index,
                null,
                Refusal.BAD_FORMAT,
                "it has %d fields, %d are expected: a delimiter or a quote is missing or one too many"
                        .formatted(fields, target.mapping().width()));
    }

    /** What is no text cannot be sent as one, not even to be judged. */
    private Refusal noText(int index, RowCursor row, RowFields fields) {
        for (int i = 0; i < fields.size(); i++) {
            Field field = fields.read(row, i);
            if (field == null) {
                continue;
            }
            int bad = Utf8.firstInvalid(field.bytes(), field.start(), field.end());
            if (bad < field.end()) {
                return new Refusal(
                        index,
                        target.mapping().columns().get(i).name(),
                        Refusal.BAD_TEXT,
                        Utf8.refusal(field.bytes(), bad, field.end()));
            }
        }
        return null;
    }
}
