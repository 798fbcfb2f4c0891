package org.citusingest.citus;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.citusingest.ledger.InputRefusal;
import org.citusingest.ledger.Ledger;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowCursor;

/**
 * Asks the server's input functions about the values that were not recognised, all of a column at
 * once. A COPY tells of one bad value and ends; in a file with many of them that would be as many
 * COPY statements.
 */
final class Judge {
    private static final int MOST_TEXTS = 10_000;

    private final Ledger ledger;

    Judge(Ledger ledger) {
        this.ledger = ledger;
    }

    /** The rows among the uncertain ones that have a value which its type does not take. */
    List<Refusal> refusals(EncodedBatch batch) {
        List<Table.Column> columns = batch.target().mapping().columns();
        Set<Integer> refused = new HashSet<>();
        List<Refusal> refusals = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            column(batch, i, refused, refusals);
        }
        return refusals;
    }

    private void column(
            EncodedBatch batch, int position, Set<Integer> refused, List<Refusal> refusals) {
        Table.Column column = batch.target().mapping().columns().get(position);
        ColumnEncoder encoder = batch.target().encoders().get(position);
        List<Integer> indexes = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        CopyBuffer scratch = new CopyBuffer(64);
        RowFields fields = new RowFields(batch.target().mapping(), batch.load().claim());
        RowCursor row = batch.batch().cursor();
        EncodedRows uncertain = batch.uncertain();
        int index = -1;
        for (int i = 0; i < uncertain.size(); i++) {
            while (index < uncertain.index(i)) {
                row.next();
                index++;
            }
            if (refused.contains(index)) {
                continue;
            }
            Field field = fields.read(row, position);
            if (field == null) {
                if (column.nullRefusal() != null) {
                    refused.add(index);
                    refusals.add(
                            new Refusal(
                                    index,
                                    column.name(),
                                    column.nullRefusal().sqlState(),
                                    column.nullRefusal().reason()));
                }
                continue;
            }
            scratch.rewind(0);
            if (encoder == null || !encoder.encode(field, scratch)) {
                indexes.add(index);
                texts.add(field.toString());
            }
            if (texts.size() == MOST_TEXTS) {
                ask(column, indexes, texts, refused, refusals);
            }
        }
        ask(column, indexes, texts, refused, refusals);
    }

    private void ask(
            Table.Column column,
            List<Integer> indexes,
            List<String> texts,
            Set<Integer> refused,
            List<Refusal> refusals) {
        if (texts.isEmpty()) {
            return;
        }
        Table.Input input = column.input();
        for (InputRefusal refusal :
                ledger.refusals(input.function(), input.ioParameter(), column.modifier(), texts)) {
            int index = indexes.get(refusal.position());
            refused.add(index);
            refusals.add(new Refusal(index, column.name(), refusal.sqlState(), refusal.reason()));
        }
        indexes.clear();
        texts.clear();
    }
}
