package org.citusingest.citus;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Where the shards of a distributed table are, each on one node, and which of them has a row. */
final class ShardMap {
    private static final long HASHES = 1L << 32;

    private final String column;
    private final ShardHash hash;
    private final List<Shard> shards;
    private final int[] least;
    private final long width;

    /**
     * A shard.
     *
     * @param sql the name of its table, as it is written in SQL on its node, with the schema
     * @param least the lowest hash of its rows
     * @param most the highest hash of its rows
     */
    record Shard(long id, String sql, int least, int most, Node node) {}

    /**
     * A node of the cluster.
     *
     * @param group its number in {@code pg_dist_node}, by which it is known when its address
     *     changes
     */
    record Node(String host, int port, int group) {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** Takes shards in the order of their hashes, which they cover without a gap. */
    ShardMap(String column, ShardHash hash, List<Shard> shards) {
        this.column = column;
        this.hash = hash;
        this.shards = List.copyOf(shards);
        least = shards.stream().mapToInt(Shard::least).toArray();
        width = uniformWidth(least);
    }

    /** The distribution column. */
    String column() {
        return column;
    }

    /** Makes the hash of a value of the distribution column. */
    ShardHash hash() {
        return hash;
    }

    /** The shards, in the order of their hashes. */
    List<Shard> shards() {
        return shards;
    }

    /** The ids of a node's shards, in ascending order. */
    List<Long> ids(Node node) {
        return shards.stream()
                .filter(shard -> shard.node().equals(node))
                .map(Shard::id)
                .sorted()
                .toList();
    }

    /** The nodes that have shards. */
    List<Node> nodes() {
        return shards.stream().map(Shard::node).distinct().toList();
    }

    /** The index in {@link #shards()} of the one that has the rows with a hash. */
    int shardOf(int hash) {
        if (width > 0) {
            // What is left over by the division is the last shard's.
            return (int) Math.min(((long) hash - Integer.MIN_VALUE) / width, least.length - 1L);
        }
        int low = 0;
        int high = least.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (least[middle] <= hash) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Whether the shards cover every hash once. */
    static boolean complete(List<Shard> shards) {
        long next = Integer.MIN_VALUE;
        for (Shard shard : shards) {
            if (shard.least() != next || shard.most() < shard.least()) {
                return false;
            }
            next = shard.most() + 1L;
        }
        return next == Integer.MAX_VALUE + 1L;
    }

    /** How many hashes a shard has where all but the last have as many; otherwise 0. */
    private static long uniformWidth(int[] least) {
        long width = HASHES / least.length;
        for (int i = 0; i < least.length; i++) {
            if (least[i] != Integer.MIN_VALUE + i * width) {
                return 0;
            }
        }
        return width;
    }

    /**
     * The shards among these that the node of the connection does not have, or has no more. Asked
     * in a transaction that holds the locks of a COPY into the table, the answer counts until its
     * end; a shard that has left takes rows for a while, and loses them.
     */
    static List<Long> gone(Connection node, Collection<Long> shards) throws SQLException {
        Array wanted = node.createArrayOf("bigint", shards.toArray());
        try (PreparedStatement query =
                node.prepareStatement(
                        "SELECT id FROM unnest(?::bigint[]) AS wanted (id) WHERE NOT EXISTS (SELECT FROM"
                                + " pg_dist_placement JOIN pg_dist_local_group USING (groupid)"
                                + " WHERE shardid = id AND shardstate = 1)")) {
            query.setArray(1, wanted);
            try (ResultSet row = query.executeQuery()) {
                List<Long> gone = new ArrayList<>();
                while (row.next()) {
                    gone.add(row.getLong(1));
                }
                return gone;
            }
        } finally {
            wanted.free();
        }
    }
}
