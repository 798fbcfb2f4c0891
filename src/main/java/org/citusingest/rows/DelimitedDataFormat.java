package org.citusingest.rows;

import java.util.Arrays;
import java.util.List;
import org.apache.camel.spi.annotations.Dataformat;

/**
 * Unmarshals delimited text, such as CSV, to a lazy stream of row batches: an {@link
 * java.util.Iterator} of {@link RowBatch} that reads the body while it is iterated over.
 *
 * <p>In a route: {@code unmarshal: {custom: {ref: delimited}}}. For other options declare a bean of
 * this type and name it as {@code ref}.
 */
@Dataformat("delimited")
public final class DelimitedDataFormat extends SourceDataFormat {
    // Of many small sources more than one batch waits at a time.
    private static final int POOLED_BUFFERS = 16;

    private final DelimitedFormat.Builder options = DelimitedFormat.builder();

    @Override
    public String getDataFormatName() {
        return "delimited";
    }

    /**
     * The character between two fields; {@code \t} and {@code tab} mean the tab. The default is a
     * comma.
     */
    public void setDelimiter(String delimiter) {
        options.delimiter(delimiter);
    }

    /**
     * The character around fields that have a delimiter or a line end in them; empty or {@code
     * none} when fields are never quoted. The default is the double quote.
     */
    public void setQuote(String quote) {
        options.quote(quote);
    }

    /**
     * The character that makes the next quote or escape inside a quoted field an ordinary
     * character. The default is {@code none}: only the doubled quote does so.
     */
    public void setEscape(String escape) {
        options.escape(escape);
    }

    /** Whether the first line holds the names of the columns. The default is true. */
    public void setHeader(boolean header) {
        options.header(header);
    }

    /**
     * The names of the columns, separated by commas, where the source has no header or other names
     * in it. The default is none: the names are those in the header.
     */
    public void setColumns(String columns) {
        options.columns(
                columns.isBlank()
                        ? List.of()
                        : Arrays.stream(columns.split(",", -1)).map(String::strip).toList());
    }

    /** The text that means NULL where it is not quoted. The default is the empty text. */
    public void setNullToken(String nullToken) {
        options.nullToken(nullToken);
    }

    /**
     * The character that starts a line that is skipped. The default is {@code none}: no line is
     * skipped.
     */
    public void setComment(String comment) {
        options.comment(comment);
    }

    /**
     * The encoding of the text where no byte order mark at its start says otherwise. The default is
     * UTF-8. A body that is a String has no encoding, and this option no effect on it.
     */
    public void setCharset(String charset) {
        options.charset(charset);
    }

    /** How many bytes a batch holds at most, unless one row is longer. The default is 8388608. */
    public void setBatchBytes(int batchBytes) {
        options.batchBytes(batchBytes);
    }

    /** How many bytes a row may have. The default is 16777216. */
    public void setMaxRecordBytes(int maxRecordBytes) {
        options.maxRecordBytes(maxRecordBytes);
    }

    /**
     * How many times the size of a compressed source its content may have, once that is more than
     * 256 MiB: what expands further is made to fill disks. The default is 200.
     */
    public void setMaxExpansion(int maxExpansion) {
        options.maxExpansion(maxExpansion);
    }

    /**
     * How many bytes the content of a compressed source may have. The default is 1099511627776, a
     * TiB.
     */
    public void setMaxDecompressedBytes(long maxDecompressedBytes) {
        options.maxDecompressedBytes(maxDecompressedBytes);
    }

    @Override
    protected RowReader.Factory readers() {
        return DelimitedReader.factory(options.build(), POOLED_BUFFERS);
    }
}
