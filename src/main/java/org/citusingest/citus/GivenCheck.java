package org.citusingest.citus;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.InputRefusal;
import org.citusingest.ledger.Ledger;
import org.citusingest.rows.Field;

/**
 * Looks whether a table takes the values that are the same for all rows of a load: one that it does
 * not take is no matter of single rows, and would reject them all.
 */
final class GivenCheck {
    private final Ledger ledger;
    private final Set<Seen> seen = new HashSet<>();

    private record Seen(long load, CopyTarget target) {}

    GivenCheck(Ledger ledger) {
        this.ledger = ledger;
    }

    /**
     * Asks the server about those of which it is not certain, once for each load and target.
     *
     * @throws TableException when the table does not take one
     */
    void check(CopyTarget target, Claim claim) {
        // The threads of other batches wait for the answer: they must not commit before it.
        synchronized (seen) {
            if (!seen.contains(new Seen(claim.id(), target))) {
                ask(target, claim);
                seen.add(new Seen(claim.id(), target));
            }
        }
    }

    private void ask(CopyTarget target, Claim claim) {
        ColumnMapping mapping = target.mapping();
        CopyBuffer scratch = new CopyBuffer(64);
        for (int i = 0; i < mapping.columns().size(); i++) {
            if (mapping.constant(i)) {
                Given given = mapping.given().get(ColumnMapping.given(mapping.fields().get(i)));
                Field field = given.of(claim).orElse(null);
                ColumnEncoder encoder = target.encoders().get(i);
                scratch.rewind(0);
                if (field == null) {
                    checkNull(target, mapping.columns().get(i), claim);
                } else if (encoder == null || !encoder.encode(field, scratch)) {
                    checkText(target, mapping.columns().get(i), field.toString(), claim);
                }
            }
        }
    }

    private static void checkNull(CopyTarget target, Table.Column column, Claim claim) {
        if (column.nullRefusal() != null) {
            throw refused(
                    target,
                    column,
                    "NULL",
                    column.nullRefusal().sqlState() + " " + column.nullRefusal().reason(),
                    claim);
        }
    }

    private void checkText(CopyTarget target, Table.Column column, String text, Claim claim) {
        List<InputRefusal> refusals =
                ledger.refusals(
                        column.input().function(),
                        column.input().ioParameter(),
                        column.modifier(),
                        List.of(text));
        if (!refusals.isEmpty()) {
            throw refused(
                    target,
                    column,
                    "'" + text + "'",
                    refusals.get(0).sqlState() + " " + refusals.get(0).reason(),
                    claim);
        }
    }

    private static TableException refused(
            CopyTarget target, Table.Column column, String value, String why, Claim claim) {
        return new TableException(
                "The column %s of %s is given %s for all rows of %s, which it does not take: %s; see the option values"
                        .formatted(
                                column.name(), target.table().name(), value, claim.source(), why));
    }
}
