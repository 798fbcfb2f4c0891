package org.citusingest.rows.parquet;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.RowGroup;
import org.citusingest.rows.ColumnBatch;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowFormatException;
import org.citusingest.rows.Source;
import org.citusingest.rows.SourceReader;

/**
 * Reads a Parquet file as a stream of batches. A batch is of one row group; where it ends depends
 * on nothing but the file and the options.
 */
final class ParquetReader extends SourceReader {
    private static final ColumnBatch.Column NO_VALUES = (row, field) -> false;

    private final Source source;
    private final ParquetFormat format;
    private final int number;
    private SeekableByteChannel channel;
    private FileBytes file;
    private Footer footer;
    private Map<String, SchemaNode> columns;
    private int opened;
    private GroupReader group;
    private long batches;
    private long nextRow = 1;

    ParquetReader(Source source, ParquetFormat format, int number) {
        this.source = source;
        this.format = format;
        this.number = number;
    }

    @Override
    protected String position() {
        return opened == 0 ? "metadata" : "row group " + opened;
    }

    @Override
    protected void ended() {
        group = null;
    }

    @Override
    protected RowBatch advance() throws IOException {
        if (channel == null) {
            channel = source.channel();
            opened(channel);
        }
        try {
            if (footer == null) {
                readFooter();
            }
            while ((group == null || group.rows() == 0) && opened < footer.groups().size()) {
                RowGroup next = footer.groups().get(opened++);
                group = new GroupReader(file, next, columns, format);
                if (group.rows() == 0) {
                    group.cut(0);
                }
            }
            boolean more = group != null && group.rows() > 0;
            return more ? batch(group.fill()) : batches == 0 ? batch(0) : null;
        } catch (DamageException e) {
            throw refusal(e.getMessage(), e);
        } catch (RuntimeException e) {
            // Of bytes that were tampered with there is no end of surprises.
            throw refusal("it is damaged (" + e + ")", e);
        }
    }

    private RowFormatException refusal(String message, RuntimeException cause) {
        // Names in the file may have any characters; a message is one line.
        String line = message.replaceAll("\\p{Cntrl}", " ");
        RowFormatException refused =
                new RowFormatException(-1, -1, "Parquet, %s: %s".formatted(position(), line));
        refused.addSuppressed(cause);
        return refused;
    }

    private void readFooter() throws IOException {
        file = new FileBytes(channel);
        footer = Footer.read(file);
        columns = footer.schema().pick(format.columns());
        // Nothing is loaded of a file of which not all can be.
        for (RowGroup each : footer.groups()) {
            opened++;
            footer.check(each, columns.values());
        }
        opened = 0;
    }

    private RowBatch batch(int rows) throws IOException {
        List<ColumnBatch.Column> values =
                group == null
                        ? columns.keySet().stream().map(name -> NO_VALUES).toList()
                        : group.cut(rows);
        ColumnBatch batch =
                new ColumnBatch(
                        number,
                        List.copyOf(columns.keySet()),
                        values,
                        new RowBatch.Span(batches, nextRow, nextRow, nextRow + rows),
                        rows,
                        new RowBatch.Timing(started(), file.takeReadNanos(), System.nanoTime()),
                        this::stop);
        batches++;
        nextRow += rows;
        return batch;
    }
}
