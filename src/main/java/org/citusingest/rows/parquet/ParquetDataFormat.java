package org.citusingest.rows.parquet;

import java.util.Arrays;
import java.util.List;
import org.apache.camel.spi.annotations.Dataformat;
import org.citusingest.rows.RowReader;
import org.citusingest.rows.SourceDataFormat;

/**
 * Unmarshals Parquet to a lazy stream of row batches, whose values keep their types. Only the
 * columns that are wanted are read, of a blob by ranges.
 *
 * <p>In a route: {@code unmarshal: {custom: {ref: parquet}}}. For other options declare a bean of
 * this type and name it as {@code ref}.
 */
@Dataformat("parquet")
public final class ParquetDataFormat extends SourceDataFormat {
    private List<String> columns = List.of();
    private boolean binaryAsText;
    private int batchRows = 50_000;
    private int batchBytes = 8 << 20;
    private int maxPageBytes = (int) Math.min(256 << 20, Runtime.getRuntime().maxMemory() / 4);

    @Override
    public String getDataFormatName() {
        return "parquet";
    }

    /**
     * The columns that are read, separated by commas; {@code a.b} is the field b of the group a.
     * The default is all columns, of which each group, list and map is one, as JSON.
     */
    public void setColumns(String columns) {
        this.columns =
                columns.isBlank()
                        ? List.of()
                        : Arrays.stream(columns.split(",", -1)).map(String::strip).toList();
    }

    /**
     * Whether bytes of which the file does not say that they are text are taken for it, as old
     * writers did not say so. The default is false: they are bytes.
     */
    public void setBinaryAsText(boolean binaryAsText) {
        this.binaryAsText = binaryAsText;
    }

    /** How many rows a batch holds at most. The default is 50000. */
    public void setBatchRows(int batchRows) {
        this.batchRows = batchRows;
    }

    /**
     * How many bytes the values of a batch take at most, unless one row takes more. The default is
     * 8388608.
     */
    public void setBatchBytes(int batchBytes) {
        this.batchBytes = batchBytes;
    }

    /**
     * How many bytes the pages that are decompressed at a time, one of each column, and the
     * dictionaries may have: what needs more may be made to fill the memory. The default is a
     * quarter of the memory of the process, and 268435456 at most.
     */
    public void setMaxPageBytes(int maxPageBytes) {
        this.maxPageBytes = maxPageBytes;
    }

    @Override
    protected RowReader.Factory readers() {
        ParquetFormat format =
                new ParquetFormat(columns, binaryAsText, batchRows, batchBytes, maxPageBytes);
        return (source, number) -> new ParquetReader(source, format, number);
    }
}
