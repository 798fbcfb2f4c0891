package org.citusingest.citus;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the rows of a load may go into the shards of their table, past the coordinator. */
sealed interface ShardAccess {
    /** They may. */
    record Open(ShardMap shards) implements ShardAccess {}

    /**
     * They may not.
     *
     * @param reason the end of a sentence, for a person
     * @param outage why a node does not answer, which may pass; null where that is not the reason
     */
    record Closed(String reason, SQLException outage) implements ShardAccess {
        Closed(String reason) {
            this(reason, null);
        }
    }

    /**
     * Asks the catalog of the coordinator, and each node whether it answers under its address.
     *
     * @throws SQLException when the coordinator does not answer
     */
    static ShardAccess read(
            Connection coordinator, Table table, ColumnMapping mapping, NodeConnector nodes)
            throws SQLException {
        if (!table.citus()) {
            return new Closed("the server has no Citus");
        }
        Distribution distribution = Distribution.read(coordinator, table);
        Optional<String> reason =
                distribution.refusal().or(() -> notMapped(distribution.column(), mapping));
        if (reason.isEmpty()) {
            reason = numbered(coordinator, table, mapping);
        }
        if (reason.isPresent()) {
            return new Closed(reason.get());
        }
        List<ShardMap.Shard> shards = new ArrayList<>();
        reason = shards(coordinator, table, shards);
        if (reason.isPresent()) {
            return new Closed(reason.get());
        }
        ShardHash hash = ShardHash.of(distribution.type()).orElseThrow();
        ShardMap map = new ShardMap(distribution.column(), hash, shards);
        for (ShardMap.Node node : map.nodes()) {
            Optional<Closed> closed = unreachable(node, map, nodes);
            if (closed.isPresent()) {
                return closed.get();
            }
        }
        return new Open(map);
    }

    /**
     * How Citus distributes a table.
     *
     * @param method {@code h} by hash, {@code n} not at all, {@code a} and {@code r} of old; null
     *     where Citus does not know the table
     * @param replication {@code t} of a reference table, {@code c} where Citus writes copies itself
     * @param column the distribution column; null for none
     */
    record Distribution(
            String method,
            String replication,
            String column,
            long type,
            int modifier,
            String typeName,
            boolean rowSecurity) {
        private static final int MICROSECONDS = 6;

        private static final String QUERY =
                """
                SELECT p.partmethod, p.repmodel, a.attname, a.atttypid::bigint, a.atttypmod,
                    format_type(a.atttypid, a.atttypmod), c.relrowsecurity
                FROM pg_class c LEFT JOIN pg_dist_partition p ON p.logicalrelid = c.oid
                    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND p.partkey IS NOT NULL
                        AND a.attname = column_to_column_name(p.logicalrelid, p.partkey)
                WHERE c.oid = to_regclass(?)
                """;

        static Distribution read(Connection coordinator, Table table) throws SQLException {
            try (PreparedStatement query = coordinator.prepareStatement(QUERY)) {
                query.setString(1, table.sql());
                try (ResultSet row = query.executeQuery()) {
                    if (!row.next()) {
                        throw new TableException("There is no table " + table.name() + " any more");
                    }
                    return new Distribution(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getLong(4),
                            row.getInt(5),
                            row.getString(6),
                            row.getBoolean(7));
                }
            }
        }

        /** Whether its rows are on one node only, undivided. */
        boolean isLocal() {
            return method == null || (method.equals("n") && !replication.equals("t"));
        }

        Optional<String> refusal() {
            if (isLocal()) {
                return Optional.of("the table is a local one");
            }
            if (!method.equals("h")) {
                return Optional.of(
                        method.equals("n")
                                ? "the table is a reference table"
                                : "the table is not distributed by hash");
            }
            if (ShardHash.of(type).isEmpty()) {
                return Optional.of(
                        "the hash of its distribution column's type is not known: %s %s"
                                .formatted(column, typeName));
            }
            if (rounded()) {
                return Optional.of(
                        "values of its distribution column are rounded by the server, after their hash is made: %s %s"
                                .formatted(column, typeName));
            }
            if (rowSecurity) {
                return Optional.of("the table has row-level security");
            }
            return Optional.empty();
        }

        private boolean rounded() {
            return (type == ColumnType.TIMESTAMP.oid() || type == ColumnType.TIMESTAMPTZ.oid())
                    && modifier >= 0
                    && modifier < MICROSECONDS;
        }
    }

    private static Optional<String> notMapped(String column, ColumnMapping mapping) {
        return mapping.place(column) >= 0
                ? Optional.empty()
                : Optional.of("the rows have no value for its distribution column " + column);
    }

    /** Numbers are given out by the coordinator: in a shard, a column left out would be NULL. */
    static Optional<String> numbered(Connection coordinator, Table table, ColumnMapping mapping)
            throws SQLException {
        try (PreparedStatement query =
                coordinator.prepareStatement(
                        "SELECT a.attname FROM pg_attribute a LEFT JOIN pg_attrdef d"
                                + " ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
                                + " WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped"
                                + " AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval(%')"
                                + " ORDER BY a.attnum")) {
            query.setString(1, table.sql());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    String name = row.getString(1);
                    if (mapping.columns().stream().noneMatch(c -> c.name().equals(name))) {
                        return Optional.of(
                                "the rows leave out the column %s, whose numbers only the coordinator gives"
                                        .formatted(name));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Reads the shards, unless they are none that could be used. */
    private static Optional<String> shards(
            Connection coordinator, Table table, List<ShardMap.Shard> into) throws SQLException {
        // Names in public come without the schema from shard_name.
        try (PreparedStatement query =
                coordinator.prepareStatement(
                        """
                        SELECT s.shardid, s.shardminvalue::int, s.shardmaxvalue::int, format('%I.%I', ns.nspname,
                            (SELECT name[cardinality(name)] FROM parse_ident(shard_name(c.oid::regclass, s.shardid)) AS name)),
                            n.nodename, n.nodeport, n.groupid
                        FROM pg_dist_shard s JOIN pg_class c ON c.oid = s.logicalrelid JOIN pg_namespace ns ON ns.oid = c.relnamespace
                            LEFT JOIN pg_dist_placement p ON p.shardid = s.shardid AND p.shardstate = 1
                            LEFT JOIN pg_dist_node n ON n.groupid = p.groupid AND n.noderole = 'primary' AND n.isactive
                        WHERE c.oid = to_regclass(?) ORDER BY 2, 7
                        """)) {
            query.setString(1, table.sql());
            try (ResultSet row = query.executeQuery()) {
                long previous = -1;
                while (row.next()) {
                    long id = row.getLong(1);
                    if (row.getString(5) == null) {
                        return Optional.of("its shard %d is on no active node".formatted(id));
                    }
                    if (id == previous) {
                        return Optional.of("its shard %d is on several nodes".formatted(id));
                    }
                    previous = id;
                    into.add(
                            new ShardMap.Shard(
                                    id,
                                    row.getString(4),
                                    row.getInt(2),
                                    row.getInt(3),
                                    new ShardMap.Node(
                                            row.getString(5), row.getInt(6), row.getInt(7))));
                }
            }
        }
        return ShardMap.complete(into)
                ? Optional.empty()
                : Optional.of("its shards do not cover all hashes");
    }

    /** An address such as localhost may lead to another server than the one it is meant for. */
    private static Optional<Closed> unreachable(
            ShardMap.Node node, ShardMap map, NodeConnector nodes) {
        try (Connection connection = nodes.connect(node.host(), node.port())) {
            return ShardMap.gone(connection, map.ids(node)).isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new Closed(
                                    "the server that answers at %s does not have the shards that the coordinator says are there"
                                            .formatted(node)));
        } catch (SQLException e) {
            return Optional.of(
                    new Closed(
                            "the node %s cannot be reached: %s".formatted(node, firstLine(e)), e));
        }
    }

    private static String firstLine(SQLException error) {
        return String.valueOf(error.getMessage()).lines().findFirst().orElse("");
    }
}
