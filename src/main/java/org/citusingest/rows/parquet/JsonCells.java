package org.citusingest.rows.parquet;

import java.io.IOException;
import java.util.List;
import org.citusingest.rows.Field;

/** Writes what a group, a list or a map of a row holds as JSON. */
final class JsonCells implements BytesVector.Cells {
    private final List<LeafReader> leaves;
    private final JsonValue value;
    private final int definition;
    private boolean begun;

    /**
     * @param leaves all that are below the column
     * @param definition from which definition level on the column itself is there
     */
    JsonCells(List<LeafReader> leaves, JsonValue value, int definition) {
        this.leaves = leaves;
        this.value = value;
        this.definition = definition;
    }

    @Override
    public boolean next(BytesVector to) throws IOException {
        if (!begun) {
            JsonValue.advance(leaves);
            begun = true;
        }
        for (LeafReader leaf : leaves) {
            if (!leaf.isThere() || leaf.repetition() != 0) {
                throw new DamageException(
                        "the fields of '%s' do not end with the same row"
                                .formatted(leaf.leaf().path()));
            }
        }
        if (leaves.get(0).definition() < definition) {
            JsonValue.advance(leaves);
            return false;
        }
        value.write(to, new Field());
        return true;
    }

    @Override
    public void requireEnd() throws IOException {
        if (!begun) {
            JsonValue.advance(leaves);
        }
        for (LeafReader leaf : leaves) {
            if (leaf.isThere()) {
                throw new DamageException("it has more values than rows");
            }
        }
    }
}
