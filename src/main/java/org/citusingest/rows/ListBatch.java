package org.citusingest.rows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Rows that are objects already, as other data formats of Camel give them: a list whose elements
 * are lists, arrays of objects, or maps from the name of a column to its value.
 *
 * <p>The keys of the first map are the names of the columns; lists and arrays have no names.
 */
public final class ListBatch implements RowBatch {
    private final List<?> rows;
    private final List<String> columns;
    private final Span span;

    private ListBatch(List<?> rows, List<String> columns, Span span) {
        this.rows = rows;
        this.columns = columns;
        this.span = span;
    }

    /**
     * Makes a batch of rows.
     *
     * @param rows the rows; they must not change while the batch is in use
     * @param number the number of the batch in its source, counted from 0
     * @param firstRow the number of the first row, counted from 1
     * @throws RowFormatException when a row is none of the known kinds, or is a map with other keys
     *     than the first
     */
    public static ListBatch of(List<?> rows, long number, long firstRow) {
        List<String> columns = columnsOf(rows, firstRow);
        Span span = new Span(number, firstRow, firstRow, firstRow + rows.size());
        return new ListBatch(rows, columns, span);
    }

    private static List<String> columnsOf(List<?> rows, long firstRow) {
        if (rows.isEmpty() || !(rows.get(0) instanceof Map<?, ?> first)) {
            checkUnnamed(rows, firstRow);
            return List.of();
        }
        for (Object key : first.keySet()) {
            if (!(key instanceof String)) {
                throw new RowFormatException(
                        firstRow,
                        -1,
                        "the key "
                                + key
                                + " is no String, so it names no column; give maps from the name of"
                                + " a column to its value");
            }
        }
        for (int i = 0; i < rows.size(); i++) {
            Object row = rows.get(i);
            if (!(row instanceof Map<?, ?> map)) {
                throw mixed(firstRow + i, "a map", row);
            }
            if (!map.keySet().equals(first.keySet())) {
                throw new RowFormatException(
                        firstRow + i,
                        -1,
                        "the keys are "
                                + map.keySet()
                                + ", but those of row "
                                + firstRow
                                + " are "
                                + first.keySet()
                                + ", so its values have no certain column; give all rows of a"
                                + " batch the same keys, with null where there is no value");
            }
        }
        return first.keySet().stream().map(String::valueOf).toList();
    }

    private static void checkUnnamed(List<?> rows, long firstRow) {
        for (int i = 0; i < rows.size(); i++) {
            Object row = rows.get(i);
            if (!(row instanceof List<?>) && !(row instanceof Object[])) {
                throw mixed(firstRow + i, "a list or an array of objects", row);
            }
        }
    }

    private static RowFormatException mixed(long row, String expected, Object found) {
        return new RowFormatException(
                row,
                -1,
                "expected "
                        + expected
                        + " but found "
                        + (found == null ? "null" : found.getClass().getName())
                        + "; make every row of the list a list of values, or every row a map from"
                        + " column to value");
    }

    @Override
    public List<String> columns() {
        return columns;
    }

    /** The names of the columns as a line of comma-separated values. */
    @Override
    public byte[] header() {
        return CsvLine.of(columns);
    }

    @Override
    public Span span() {
        return span;
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public RowCursor cursor() {
        return new Cursor();
    }

    private List<?> values(Object row) {
        if (row instanceof Map<?, ?> map) {
            List<Object> values = new ArrayList<>(columns.size());
            for (String column : columns) {
                values.add(map.get(column));
            }
            return values;
        }
        // An array's own list: List.of takes no nulls.
        return row instanceof Object[] array ? Arrays.asList(array) : (List<?>) row;
    }

    private final class Cursor implements RowCursor {
        private int row = -1;
        private List<?> values = List.of();

        @Override
        public boolean next() {
            if (row + 1 >= rows.size()) {
                values = List.of();
                return false;
            }
            row++;
            values = values(rows.get(row));
            return true;
        }

        @Override
        public int fields() {
            return values.size();
        }

        @Override
        public boolean read(int index, Field field) {
            Objects.checkIndex(index, values.size());
            Object value = values.get(index);
            if (value == null) {
                return false;
            }
            byte[] text = text(index, value).getBytes(StandardCharsets.UTF_8);
            field.set(text, 0, text.length);
            return true;
        }

        private String text(int index, Object value) {
            return ValueText.of(value)
                    .orElseThrow(
                            () ->
                                    new RowFormatException(
                                            rowNumber(),
                                            -1,
                                            "column "
                                                    + name(index)
                                                    + " holds a "
                                                    + value.getClass().getName()
                                                    + ", which has no certain text for the"
                                                    + " database; convert it before, for example"
                                                    + " to a String"));
        }

        private String name(int index) {
            return columns.isEmpty() ? Integer.toString(index + 1) : columns.get(index);
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
            return CsvLine.of(
                    values.stream()
                            // A row is rejected for whatever reason; showing it must not fail too.
                            .map(
                                    value ->
                                            value == null
                                                    ? null
                                                    : ValueText.of(value)
                                                            .orElseGet(value::toString))
                            .toList());
        }
    }
}
