package org.citusingest.rows.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.RowGroup;
import org.citusingest.rows.ColumnBatch;
import org.citusingest.rows.Field;

/**
 * Decodes a row group, a few rows of one column after the other, so that a batch may end where it
 * is large enough.
 */
final class GroupReader implements JsonValue.Leaves {
    /** So many rows are decoded of one column before the next column has its turn. */
    private static final int STRIP = 1024;

    private final Map<Integer, Deque<LeafReader>> leaves;
    private final ParquetFormat format;
    private final List<Vector> vectors = new ArrayList<>();
    private final List<String> names;
    private long rows;

    /**
     * Makes a reader of some columns.
     *
     * @param columns what they are, by the names that they get
     */
    GroupReader(
            FileBytes file, RowGroup group, Map<String, SchemaNode> columns, ParquetFormat format)
            throws IOException {
        this.format = format;
        rows = group.getNum_rows();
        names = List.copyOf(columns.keySet());
        leaves = Chunks.open(file, group, columns.values(), new PageMemory(format.maxPageBytes()));
        for (SchemaNode column : columns.values()) {
            vectors.add(vector(column));
        }
    }

    private Vector vector(SchemaNode column) throws IOException {
        if (column.isLeaf() && !column.isRepeated()) {
            ValueType type = type(column);
            return type instanceof ValueType.OfNumber number
                    ? new NumberVector(open(column), number)
                    : BytesVector.of(open(column), (ValueType.OfBytes) type);
        }
        List<LeafReader> below = new ArrayList<>();
        JsonValue value = JsonValue.of(column, this, below);
        int definition = column.definition() - (column.isRepeated() ? 1 : 0);
        ValueType.OfBytes text = Field::set;
        return new BytesVector(new JsonCells(below, value, definition), text);
    }

    @Override
    public LeafReader open(SchemaNode leaf) {
        return leaves.get(leaf.leaf()).remove();
    }

    @Override
    public ValueType type(SchemaNode leaf) {
        return ValueType.of(leaf.element(), format.binaryAsText());
    }

    /** How many rows are not in a batch yet. */
    long rows() {
        return rows;
    }

    /** Decodes the rows of the next batch and says how many they are. */
    int fill() throws IOException {
        int most = (int) Math.min(format.batchRows(), rows);
        int done = 0;
        // The first strip is one row, which a batch has however long it is.
        for (int strip = 1; done < most; strip = Math.min(strip * 2, STRIP)) {
            int to = Math.min(done + strip, most);
            long left = done == 0 ? Long.MAX_VALUE : format.batchBytes() - bytes(done);
            for (int i = 0; i < vectors.size(); i++) {
                left -= fill(i, done, to, left);
                if (left < 0) {
                    // What has been decoded of this strip is there for the next batch.
                    return done;
                }
            }
            done = to;
        }
        return done;
    }

    private long bytes(int rows) {
        long bytes = 0;
        for (Vector vector : vectors) {
            bytes += vector.bytes(rows);
        }
        return bytes;
    }

    private long fill(int column, int from, int to, long allowed) throws IOException {
        try {
            return vectors.get(column).fill(from, to, allowed);
        } catch (DamageException e) {
            throw inColumn(column, e);
        }
    }

    private DamageException inColumn(int column, DamageException e) {
        return new DamageException("column '%s': %s".formatted(names.get(column), e.getMessage()));
    }

    /** Gives away the first rows, column by column. */
    List<ColumnBatch.Column> cut(int count) throws IOException {
        rows -= count;
        List<ColumnBatch.Column> columns = new ArrayList<>();
        for (int i = 0; i < vectors.size(); i++) {
            columns.add(vectors.get(i).cut(count));
            if (rows == 0) {
                requireEnd(i);
            }
        }
        return columns;
    }

    private void requireEnd(int column) throws IOException {
        try {
            vectors.get(column).requireEnd();
        } catch (DamageException e) {
            throw inColumn(column, e);
        }
    }
}
