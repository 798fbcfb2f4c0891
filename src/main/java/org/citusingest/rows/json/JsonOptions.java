package org.citusingest.rows.json;

import org.citusingest.rows.RowReader;
import org.citusingest.rows.SourceDataFormat;
import org.citusingest.rows.TextLimits;

/** The options that both data formats of JSON have. */
public abstract class JsonOptions extends SourceDataFormat {
    // Of many small sources more than one batch waits at a time.
    private static final int POOLED_BUFFERS = 16;

    private JsonFormat format;

    JsonOptions(JsonFormat format) {
        this.format = format;
    }

    /**
     * The columns, separated by commas, where not all keys are to be read: a key, or the keys that
     * lead to a value in other objects, joined by dots, such as {@code user.name}; {@code
     * name=user.name} gives the column a name, and {@code name=/user/name} says the same as a JSON
     * Pointer, for keys with dots and elements of arrays. For records that are arrays they are
     * needed, in the order of the elements. The default is none: the columns are the keys of the
     * objects.
     */
    public void setColumns(String columns) {
        format = format.withColumns(ColumnPath.parse(columns));
    }

    /** How deep objects and arrays may stand in each other in a record. The default is 64. */
    public void setMaxDepth(int maxDepth) {
        format = format.withMaxDepth(maxDepth);
    }

    /**
     * The encoding of the text where no byte order mark at its start says otherwise. The default is
     * UTF-8. A body that is a String has no encoding, and this option no effect on it.
     */
    public void setCharset(String charset) {
        format = format.withCharset(TextLimits.charset(charset));
    }

    /** How many bytes a batch holds at most, unless one row is longer. The default is 8388608. */
    public void setBatchBytes(int batchBytes) {
        format = format.withLimits(format.limits().withBatchBytes(batchBytes));
    }

    /** How many bytes a row may have. The default is 16777216. */
    public void setMaxRecordBytes(int maxRecordBytes) {
        format = format.withLimits(format.limits().withMaxRecordBytes(maxRecordBytes));
    }

    /**
     * How many times the size of a compressed source its content may have, once that is more than
     * 256 MiB: what expands further is made to fill disks. The default is 200.
     */
    public void setMaxExpansion(int maxExpansion) {
        format = format.withLimits(format.limits().withMaxExpansion(maxExpansion));
    }

    /**
     * How many bytes the content of a compressed source may have. The default is 1099511627776, a
     * TiB.
     */
    public void setMaxDecompressedBytes(long maxDecompressedBytes) {
        format = format.withLimits(format.limits().withMaxDecompressedBytes(maxDecompressedBytes));
    }

    /** Says where in a document the records are. */
    final void path(String pointer) {
        format = format.withPath(ColumnPath.pointer("path", pointer));
    }

    @Override
    protected final RowReader.Factory readers() {
        return JsonReader.factory(format, POOLED_BUFFERS);
    }
}
