package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import org.citusingest.CitusServer;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which shard a row belongs to, and which tables take rows into their shards. */
@Tag("citus")
@Timeout(120)
class ShardTest {
    @RegisterExtension static final CitusServer CITUS = new CitusServer();

    private static final int VALUES = 100_000;
    private static final int PIECE = 10_000;

    private static TestDatabase database;

    @BeforeAll
    static void database() {
        database = CITUS.database();
    }

    private static ShardMap map(String table, String... columns) throws Exception {
        try (Connection connection = database.dataSource().getConnection()) {
            Table described = Table.read(connection, CITUS.schema() + "." + table);
            return ShardMap.read(
                    connection, described, ColumnMapping.of(described, List.of(columns), null));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "int2,21",
        "int4,23",
        "int8,20",
        "bool,16",
        "uuid,2950",
        "date,1082",
        "timestamp,1114",
        "timestamptz,1184",
        "text,25",
        "varchar,1043"
    })
    void of_a_value_is_the_one_that_citus_names(String type, long oid) throws Exception {
        String table = "by_" + type;
        database.execute(
                "CREATE TABLE %s (v %s)".formatted(table, type),
                "SELECT create_distributed_table('%s', 'v')".formatted(table));
        ShardMap map = map(table, "v");
        List<String> values = new RandomValues(11).of(type, VALUES);
        for (int from = 0; from < VALUES; from += PIECE) {
            List<String> piece = values.subList(from, from + PIECE);

            assertThat(
                            piece.stream()
                                    .map(v -> map.indexOf(ShardHashTest.hash(type, oid, v)))
                                    .map(index -> map.shards().get(index).id())
                                    .toList())
                    .isEqualTo(named(table, type, piece));
        }
    }

    private static List<Long> named(String table, String type, List<String> values)
            throws Exception {
        try (Connection connection = database.dataSource().getConnection();
                PreparedStatement query =
                        connection.prepareStatement(
                                "SELECT get_shard_id_for_distribution_column('%s', v::%s) FROM unnest(?) WITH ORDINALITY AS one (v, n) ORDER BY n"
                                        .formatted(table, type))) {
            query.setArray(1, connection.createArrayOf("text", values.toArray()));
            List<Long> shards = new ArrayList<>();
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    shards.add(row.getLong(1));
                }
            }
            return shards;
        }
    }

    @Test
    void of_a_table_are_all_with_their_names_and_nodes() throws Exception {
        String name = "long_" + "n".repeat(55);
        database.execute(
                "CREATE TABLE %s (\"the id\" int, word text)".formatted(name),
                "SELECT create_distributed_table('%s', 'the id')".formatted(name));

        ShardMap map = map(name, "word", "the id");

        assertThat(map.shards()).hasSize(32);
        assertThat(map.nodes()).hasSizeBetween(1, 32);
        assertThat(map.shards())
                .extracting(ShardMap.Shard::sql)
                .containsExactlyInAnyOrderElementsOf(
                        database.rows(
                                """
                                SELECT '%1$s."' || (parse_ident(shard_name('%2$s', shardid)))[2] || '"'
                                FROM pg_dist_shard WHERE logicalrelid = '%2$s'::regclass
                                """
                                        .formatted(CITUS.schema(), name)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE TABLE a (id int)                       |                                        | not distributed by hash",
                "CREATE TABLE b (id int)                       | create_reference_table('b')            | not distributed by hash",
                "CREATE TABLE c (id numeric)                   | create_distributed_table('c', 'id')    | type numeric is not known",
                "CREATE TABLE d (id int, n bigint GENERATED ALWAYS AS IDENTITY) | create_distributed_table('d', 'id') | sequence of its column n",
                "CREATE TABLE e (id int, n bigserial)          | create_distributed_table('e', 'id')    | sequence of its column n",
                "CREATE TABLE f (id int, other int DEFAULT 1)  | create_distributed_table('f', 'other') | distribution column other is not in the source"
            })
    void take_no_rows_where_that_would_not_be_the_same(
            String table, String distribution, String reason) {
        database.execute(table);
        if (distribution != null) {
            database.execute("SELECT " + distribution);
        }

        assertThatThrownBy(() -> map(table.substring(13, 14), "id"))
                .isInstanceOf(ShardMap.Refusal.class)
                .hasMessageContaining(reason);
    }
}
