package org.citusingest.citus;

import java.util.ArrayList;
import java.util.List;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowBatch.Span;
import org.citusingest.rows.RowCursor;

/** Encodes batches for one table. Has no state: any number of threads may use it. */
final class BatchEncoder {
    private final CopyTarget target;
    private final long loadId;

    BatchEncoder(CopyTarget target, long loadId) {
        this.target = target;
        this.loadId = loadId;
    }

    /**
     * The rows of the batch that stand in this part of the source.
     *
     * @param part a part of the batch's span, from the start of a row to the end of one
     * @param done see {@link EncodedBatch}
     */
    EncodedBatch encode(RowBatch batch, Span part, Runnable done) {
        RowEncoder encoder = new RowEncoder(target, loadId);
        CopyFormat format = target.binary() ? CopyFormat.BINARY : CopyFormat.TEXT;
        int bytes = (int) Math.min(part.to() - part.from(), Integer.MAX_VALUE / 2);
        EncodedRows certain =
                new EncodedRows(format, new CopyBuffer(bytes + (bytes >> 2) + 64), batch.size());
        EncodedRows uncertain = new EncodedRows(CopyFormat.TEXT, new CopyBuffer(64), 16);
        List<Refusal> refused = new ArrayList<>();
        RowCursor row = batch.cursor();
        for (int index = 0; row.next(); index++) {
            long at = row.byteOffset() < 0 ? row.rowNumber() : row.byteOffset();
            if (at < part.from() || at >= part.to()) {
                continue;
            }
            if (row.fields() != target.mapping().width()) {
                refused.add(ragged(index, row.fields()));
            } else if (encoder.certain(row, certain.bytes())) {
                certain.add(index);
            } else {
                Refusal noText = noText(index, row);
                if (noText != null) {
                    refused.add(noText);
                } else {
                    encoder.text(row, uncertain.bytes());
                    uncertain.add(index);
                }
            }
        }
        return new EncodedBatch(target, batch, part, certain, uncertain, refused, done);
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
    private Refusal noText(int index, RowCursor row) {
        Field field = new Field();
        List<Integer> fields = target.mapping().fields();
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i) == ColumnMapping.LOAD_ID || !row.read(fields.get(i), field)) {
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
