package org.citusingest.rows.parquet;

import java.util.List;

/**
 * How a file is read.
 *
 * @param columns see {@link ParquetDataFormat#setColumns}
 * @param binaryAsText see {@link ParquetDataFormat#setBinaryAsText}
 * @param batchRows see {@link ParquetDataFormat#setBatchRows}
 * @param batchBytes see {@link ParquetDataFormat#setBatchBytes}
 * @param maxPageBytes see {@link ParquetDataFormat#setMaxPageBytes}
 */
record ParquetFormat(
        List<String> columns,
        boolean binaryAsText,
        int batchRows,
        int batchBytes,
        int maxPageBytes) {
    ParquetFormat {
        columns = List.copyOf(columns);
        if (columns.stream().anyMatch(String::isEmpty)) {
            throw wrong("columns", columns, "no name in it may be empty");
        }
        if (columns.stream().distinct().count() < columns.size()) {
            throw wrong("columns", columns, "no name may be in it twice");
        }
        atLeast("batchRows", batchRows, 1);
        atLeast("batchBytes", batchBytes, 1);
        atLeast("maxPageBytes", maxPageBytes, 1024);
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw wrong(option, value, "it must be at least " + least);
        }
    }

    private static IllegalArgumentException wrong(String option, Object value, String allowed) {
        return new IllegalArgumentException(
                "The option '%s' is '%s', but %s".formatted(option, value, allowed));
    }
}
