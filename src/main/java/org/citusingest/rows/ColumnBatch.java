package org.citusingest.rows;

import java.util.ArrayList;
import java.util.List;

/**
 * Some consecutive rows of a source that holds them column by column. Any number of threads may
 * read it at a time.
 */
public final class ColumnBatch implements RowBatch {
    private final int source;
    private final List<String> names;
    private final List<Column> columns;
    private final Span span;
    private final int size;
    private final Timing timing;
    private final Runnable stop;

    /** The values of one column. */
    @FunctionalInterface
    public interface Column {
        /**
         * Points {@code field} at the value of a row, counted from 0 in the batch.
         *
         * @return false when it is NULL; {@code field} is then unchanged
         */
        boolean read(int row, Field field);
    }

    /**
     * Makes a batch.
     *
     * @param source see {@link RowBatch#source()}
     * @param names the names of the columns
     * @param columns their values, each of as many rows
     * @param span its range is one of rows
     * @param size how many rows there are
     * @param timing see {@link RowBatch#timing()}
     * @param stop what ends the reader
     */
    public ColumnBatch(
            int source,
            List<String> names,
            List<Column> columns,
            Span span,
            int size,
            Timing timing,
            Runnable stop) {
        this.source = source;
        this.names = List.copyOf(names);
        this.columns = List.copyOf(columns);
        this.span = span;
        this.size = size;
        this.timing = timing;
        this.stop = stop;
    }

    @Override
    public List<String> columns() {
        return names;
    }

    /** The names of the columns as a line of comma-separated values. */
    @Override
    public byte[] header() {
        return CsvLine.of(names);
    }

    @Override
    public int source() {
        return source;
    }

    @Override
    public Span span() {
        return span;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Timing timing() {
        return timing;
    }

    @Override
    public void stop() {
        stop.run();
    }

    @Override
    public RowCursor cursor() {
        return new Cursor();
    }

    private final class Cursor implements RowCursor {
        private int row = -1;

        @Override
        public boolean next() {
            if (row + 1 >= size) {
                return false;
            }
            row++;
            return true;
        }

        @Override
        public int fields() {
            return columns.size();
        }

        @Override
        public boolean read(int index, Field field) {
            return columns.get(index).read(row, field);
        }

        @Override
        public long rowNumber() {
            return span.firstRow() + row;
        }

        @Override
        public long byteOffset() {
            return -1;
        }

        /** The values as a line of comma-separated values. */
        @Override
        public byte[] raw() {
            List<String> values = new ArrayList<>();
            Field field = new Field();
            for (Column column : columns) {
                values.add(column.read(row, field) ? field.toString() : null);
            }
            return CsvLine.of(values);
        }
    }
}
