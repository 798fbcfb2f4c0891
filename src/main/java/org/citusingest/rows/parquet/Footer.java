package org.citusingest.rows.parquet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;

/**
 * What the end of a file says of it.
 *
 * @param schema its columns
 * @param groups its row groups
 * @param start where the metadata starts, and the data ends
 */
record Footer(Schema schema, List<RowGroup> groups, long start) {
    private static final int MAGIC = 4;

    /** The length of the metadata and the magic bytes. */
    private static final int END = Integer.BYTES + MAGIC;

    private static final int MOST = 64 << 20;

    static Footer read(FileBytes file) throws IOException {
        if (file.size() < MAGIC + END) {
            throw notParquet(file, "");
        }
        byte[] last = new byte[END];
        file.read(file.size() - END, last, 0, END);
        String magic = new String(last, Integer.BYTES, MAGIC, StandardCharsets.ISO_8859_1);
        if (magic.equals("PARE")) {
            throw encrypted();
        }
        if (!magic.equals("PAR1")) {
            throw notParquet(file, ", of which the last four are not PAR1");
        }
        int length = new PageBytes(last, 0, END).readInt();
        if (length <= 0 || length > file.size() - END - MAGIC || length > MOST) {
            throw new DamageException(
                    "its metadata cannot have %d bytes in a file of %d: it is damaged or cut off; upload it again"
                            .formatted(Integer.toUnsignedLong(length), file.size()));
        }
        long start = file.size() - END - length;
        byte[] bytes = new byte[length];
        file.read(start, bytes, 0, length);
        FileMetaData meta =
                Thrift.read(new FileMetaData(), new ByteArrayInputStream(bytes), length);
        if (meta.isSetEncryption_algorithm()) {
            throw encrypted();
        }
        return new Footer(new Schema(meta.getSchema()), meta.getRow_groups(), start);
    }

    /** Refuses a row group of which these columns cannot be read. */
    void check(RowGroup group, Iterable<SchemaNode> columns) {
        if (group.getColumns().size() != schema.leaves().size() || group.getNum_rows() < 0) {
            throw new DamageException(
                    "it has %d columns and %d rows where the schema has %d columns"
                            .formatted(
                                    group.getColumns().size(),
                                    group.getNum_rows(),
                                    schema.leaves().size()));
        }
        for (SchemaNode column : columns) {
            checkLeaves(group, column);
        }
    }

    private void checkLeaves(RowGroup group, SchemaNode node) {
        if (!node.isLeaf()) {
            node.children().forEach(child -> checkLeaves(group, child));
            return;
        }
        try {
            Chunks.check(group, node, start);
        } catch (DamageException e) {
            throw new DamageException("column '%s': %s".formatted(node.path(), e.getMessage()));
        }
    }

    private static DamageException notParquet(FileBytes file, String why) {
        return new DamageException(
                "it is no Parquet, or cut off: it has %d bytes%s; upload it again, or unmarshal it with another data format"
                        .formatted(file.size(), why));
    }

    static DamageException encrypted() {
        return new DamageException(
                "it is encrypted, which is not read; write it without encryption, as the storage encrypts by itself");
    }
}
