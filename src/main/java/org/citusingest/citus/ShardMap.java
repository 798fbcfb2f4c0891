package org.citusingest.citus;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.citusingest.ledger.Identifier;

/**
 * Which shard of a hash-distributed table has which rows, and on which node it is.
 *
 * @param column which of the mapping's columns the table is distributed by
 * @param hash the hash of that column
 * @param shards in the order of their hashes, which they cover without a gap
 */
record ShardMap(int column, ShardHash hash, List<Shard> shards) {
    /**
     * A shard.
     *
     * @param least the smallest hash of its rows
     * @param sql its name as it is written in SQL
     */
    record Shard(long id, int least, String sql, Node node) {}

    /**
     * A node of the cluster.
     *
     * @param group what the placements of shards call it
     */
    record Node(int group, String host, int port) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** Says why the rows of a table cannot be sent to its shards. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        Refusal(String reason) {
            super(reason);
        }
    }

    /**
     * Reads the map.
     *
     * @param connection to the coordinator
     * @throws Refusal when rows with this mapping must not be sent to the shards themselves
     */
    static ShardMap read(Connection connection, Table table, ColumnMapping mapping)
            throws SQLException, Refusal {
        int column = distributionColumn(connection, table, mapping);
        ShardHash hash =
                ShardHash.of(mapping.columns().get(column).type())
                        .orElseThrow(
                                () ->
                                        new Refusal(
                                                "the hash of its distribution column's type %s is not known here"
                                                        .formatted(
                                                                mapping.columns()
                                                                        .get(column)
                                                                        .typeName())));
        List<Shard> shards = shards(connection, table);
        if (shards.isEmpty() || shards.get(0).least() != Integer.MIN_VALUE) {
            throw new Refusal("its shards do not cover all hashes");
        }
        return new ShardMap(column, hash, shards);
    }

    private static int distributionColumn(Connection connection, Table table, ColumnMapping mapping)
            throws SQLException, Refusal {
        String name;
        try (PreparedStatement query =
                connection.prepareStatement(
                        """
                        SELECT p.partmethod, column_to_column_name(p.logicalrelid, p.partkey), c.relrowsecurity,
                            (SELECT o.collisdeterministic FROM pg_attribute a JOIN pg_collation o ON o.oid = a.attcollation
                             WHERE a.attrelid = c.oid AND a.attname = column_to_column_name(p.logicalrelid, p.partkey)),
                            ARRAY(SELECT a.attname::text FROM pg_attribute a LEFT JOIN pg_attrdef d
                                      ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                    AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval(%'))
                        FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid WHERE c.oid = to_regclass(?)
                        """)) {
            query.setString(1, table.sql());
            try (ResultSet row = query.executeQuery()) {
                if (!row.next() || !"h".equals(row.getString(1))) {
                    throw new Refusal("it is not distributed by hash");
                }
                if (row.getBoolean(3)) {
                    throw new Refusal("it has row-level security");
                }
                if ("f".equals(row.getString(4))) {
                    throw new Refusal(
                            "the collation of its distribution column is not deterministic");
                }
                List<String> given = mapping.columns().stream().map(Table.Column::name).toList();
                for (Object counted : (Object[]) row.getArray(5).getArray()) {
                    if (!given.contains(counted)) {
                        throw new Refusal(
                                "the sequence of its column %s is not on the shards"
                                        .formatted(counted));
                    }
                }
                name = row.getString(2);
                int column = given.indexOf(name);
                if (column < 0 || mapping.fields().get(column) == ColumnMapping.LOAD_ID) {
                    throw new Refusal(
                            "its distribution column %s is not in the source".formatted(name));
                }
                return column;
            }
        }
    }

    private static List<Shard> shards(Connection connection, Table table)
            throws SQLException, Refusal {
        List<Shard> shards = new ArrayList<>();
        try (PreparedStatement query =
                connection.prepareStatement(
                        """
                        SELECT s.shardid, s.shardminvalue::int, parse_ident(shard_name(s.logicalrelid, s.shardid)),
                            n.groupid, n.nodename, n.nodeport, n.hasmetadata AND n.metadatasynced, c.relnamespace::regnamespace::text
                        FROM pg_dist_shard s JOIN pg_dist_placement p ON p.shardid = s.shardid AND p.shardstate = 1
                        JOIN pg_class c ON c.oid = s.logicalrelid
                        LEFT JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary' AND n.isactive
                        WHERE s.logicalrelid = to_regclass(?)
                        """)) {
            query.setString(1, table.sql());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    if (!row.getBoolean(7)) {
                        throw new Refusal("not all of its nodes have the metadata of the cluster");
                    }
                    Object[] name = (Object[]) row.getArray(3).getArray();
                    shards.add(
                            new Shard(
                                    row.getLong(1),
                                    row.getInt(2),
                                    row.getString(8)
                                            + "."
                                            + Identifier.quote(name[name.length - 1].toString()),
                                    new Node(row.getInt(4), row.getString(5), row.getInt(6))));
                }
            }
        }
        if (shards.stream().map(Shard::id).distinct().count() < shards.size()) {
            throw new Refusal("its shards have several placements");
        }
        shards.sort(Comparator.comparingInt(Shard::least));
        return List.copyOf(shards);
    }

    /** The place in {@link #shards} of the shard that rows with this hash are in. */
    int indexOf(int hashed) {
        int low = 0;
        int high = shards.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (shards.get(middle).least() <= hashed) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** The nodes that have shards of the table. */
    Set<Node> nodes() {
        Set<Node> nodes = new LinkedHashSet<>();
        shards.forEach(shard -> nodes.add(shard.node()));
        return nodes;
    }

    /** The ids of a node's shards, in their order. */
    List<Long> ids(Node node) {
        return shards.stream()
                .filter(shard -> shard.node().equals(node))
                .map(Shard::id)
                .sorted()
                .toList();
    }
}
