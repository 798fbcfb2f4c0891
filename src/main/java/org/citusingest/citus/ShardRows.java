package org.citusingest.citus;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowCursor;

/** The rows of one batch by the shards that they belong to. */
final class ShardRows implements BatchEncoder.Destinations {
    private final ShardMap map;
    private final CopyFormat format;
    private final ColumnEncoder encoder;
    private final RowFields fields;
    private final int column;
    private final int bytes;
    private final RowsPool pool;
    private final EncodedRows[] rows;
    private final CopyBuffer value = new CopyBuffer(64);

    /**
     * @param in the ids of the shards that have their rows of this part of the source already
     * @param bytes about how large the batch is
     */
    ShardRows(
            CopyTarget target,
            RowFields fields,
            ShardMap map,
            Set<Long> in,
            int bytes,
            RowsPool pool) {
        this.map = map;
        this.format = target.binary() ? CopyFormat.BINARY : CopyFormat.TEXT;
        this.fields = fields;
        this.column = target.mapping().place(map.column());
        this.encoder = target.encoders().get(column);
        this.pool = pool;
        int shards = map.shards().size();
        this.bytes = bytes / shards + 1024;
        rows = new EncodedRows[shards];
        for (int i = 0; i < shards; i++) {
            if (in.contains(map.shards().get(i).id())) {
                rows[i] = BatchEncoder.NOWHERE;
            }
        }
    }

    @Override
    public EncodedRows of(RowCursor row) {
        Field of = fields.read(row, column);
        value.rewind(0);
        if (of == null || !encoder.encode(of, value)) {
            return null;
        }
        int hash = map.hash().hash(value.bytes(), Integer.BYTES, value.size() - Integer.BYTES);
        int shard = map.shardOf(hash);
        if (rows[shard] == null) {
            // About so many rows of a hundred bytes.
            rows[shard] = pool.take(map.shards().get(shard).sql(), format, bytes, bytes / 100);
        }
        return rows[shard];
    }

    @Override
    public List<EncodedRows> all() {
        return Arrays.stream(rows)
                .filter(Objects::nonNull)
                .filter(one -> one != BatchEncoder.NOWHERE)
                .toList();
    }

    /** Those of them that are for shards of this node. */
    List<EncodedRows> of(ShardMap.Node node) {
        List<EncodedRows> its = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] != null
                    && rows[i] != BatchEncoder.NOWHERE
                    && map.shards().get(i).node().equals(node)) {
                its.add(rows[i]);
            }
        }
        return its;
    }
}
