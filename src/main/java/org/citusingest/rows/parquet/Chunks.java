package org.citusingest.rows.parquet;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.RowGroup;

/** The column chunks of a row group that are wanted, and how they are read: neighbours together. */
final class Chunks {
    /** What is read of a row group at once; of a larger one, each column has a window of this. */
    private static final int AT_ONCE =
            (int) Math.min(64 << 20, Runtime.getRuntime().maxMemory() / 8);

    private static final int LEAST_WINDOW = 256 << 10;

    /** What is less is sooner read than left out. */
    private static final int GAP = 64 << 10;

    private Chunks() {}

    /** A column chunk and where it stands. */
    private record Chunk(SchemaNode leaf, ColumnMetaData meta, long from, long to) {}

    /** Opens the chunks of all leaves of these columns, by the number of the leaf. */
    static Map<Integer, Deque<LeafReader>> open(
            FileBytes file, RowGroup group, Collection<SchemaNode> columns, PageMemory memory)
            throws IOException {
        List<Chunk> chunks = new ArrayList<>();
        for (SchemaNode column : columns) {
            collect(column, group, chunks);
        }
        chunks.sort(Comparator.comparingLong(Chunk::from));
        Map<Integer, Deque<LeafReader>> readers = new HashMap<>();
        long all = chunks.stream().mapToLong(chunk -> chunk.to - chunk.from).sum();
        if (all > AT_ONCE) {
            int window = Math.max(LEAST_WINDOW, AT_ONCE / chunks.size());
            for (Chunk chunk : chunks) {
                ChunkBytes bytes = new ChunkBytes(file, chunk.from, chunk.to, window, memory);
                add(readers, chunk, bytes, memory);
            }
            return readers;
        }
        int begin = 0;
        for (int i = 0; i < chunks.size(); i++) {
            if (i + 1 == chunks.size() || chunks.get(i + 1).from - chunks.get(i).to > GAP) {
                readTogether(file, chunks.subList(begin, i + 1), memory, readers);
                begin = i + 1;
            }
        }
        return readers;
    }

    private static void readTogether(
            FileBytes file,
            List<Chunk> chunks,
            PageMemory memory,
            Map<Integer, Deque<LeafReader>> readers)
            throws IOException {
        long from = chunks.get(0).from;
        long to = chunks.stream().mapToLong(Chunk::to).max().orElseThrow();
        byte[] bytes = new byte[Math.toIntExact(to - from)];
        file.read(from, bytes, 0, bytes.length);
        for (Chunk chunk : chunks) {
            ChunkBytes read =
                    new ChunkBytes(bytes, (int) (chunk.from - from), (int) (chunk.to - from));
            add(readers, chunk, read, memory);
        }
    }

    private static void add(
            Map<Integer, Deque<LeafReader>> readers,
            Chunk chunk,
            ChunkBytes bytes,
            PageMemory memory) {
        Codec codec = Codec.of(chunk.meta.getCodec());
        // A field may be wanted by itself and in its group.
        readers.computeIfAbsent(chunk.leaf.leaf(), leaf -> new ArrayDeque<>())
                .add(new LeafReader(chunk.leaf, bytes, codec, chunk.meta.getNum_values(), memory));
    }

    private static void collect(SchemaNode node, RowGroup group, List<Chunk> chunks) {
        if (!node.isLeaf()) {
            node.children().forEach(child -> collect(child, group, chunks));
            return;
        }
        ColumnMetaData meta = group.getColumns().get(node.leaf()).getMeta_data();
        long from = start(meta);
        chunks.add(new Chunk(node, meta, from, from + meta.getTotal_compressed_size()));
    }

    private static long start(ColumnMetaData meta) {
        long data = meta.getData_page_offset();
        long dictionary = meta.getDictionary_page_offset();
        // Some writers name a dictionary that is not there by 0.
        return meta.isSetDictionary_page_offset() && dictionary > 0
                ? Math.min(dictionary, data)
                : data;
    }

    /** Refuses a chunk that cannot be what it is said to be, or cannot be read. */
    static void check(RowGroup group, SchemaNode leaf, long dataEnd) {
        ColumnChunk chunk = group.getColumns().get(leaf.leaf());
        if (chunk.isSetCrypto_metadata() || chunk.isSetEncrypted_column_metadata()) {
            throw Footer.encrypted();
        }
        if (chunk.isSetFile_path()) {
            throw new DamageException(
                    "its values are in another file, %s, which is not read"
                            .formatted(chunk.getFile_path()));
        }
        ColumnMetaData meta = chunk.getMeta_data();
        if (meta == null || meta.getType() != leaf.element().getType()) {
            throw new DamageException("its metadata is not of the type in the schema");
        }
        long from = start(meta);
        long size = meta.getTotal_compressed_size();
        if (from < 0 || size < 0 || from > dataEnd || size > dataEnd - from) {
            throw new DamageException(
                    "it cannot have %d bytes from byte %d on where the data ends at %d; the file is damaged or cut off"
                            .formatted(size, from, dataEnd));
        }
        long count = meta.getNum_values();
        boolean one = leaf.repetition() == 0;
        if (one ? count != group.getNum_rows() : count < group.getNum_rows()) {
            throw new DamageException(
                    "it has %d values where there are %d rows"
                            .formatted(count, group.getNum_rows()));
        }
        Codec.of(meta.getCodec());
    }
}
