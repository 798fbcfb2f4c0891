package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import org.citusingest.TestDatabase;
import org.citusingest.rows.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hashes beside those of PostgreSQL's own functions. */
class ShardHashTest {
    private static final int VALUES = 20_000;

    private final TestDatabase database = TestDatabase.fresh();

    /** The hash of a text that is encoded as a file's values are. */
    static int hash(String type, long oid, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        Field field = new Field();
        field.set(bytes, 0, bytes.length);
        CopyBuffer value = new CopyBuffer(8);
        assertThat(ColumnType.ofOid(oid).orElseThrow().encode(field, value))
                .as("%s of type %s", text, type)
                .isTrue();
        return ShardHash.of(oid)
                .orElseThrow()
                .hash(value.bytes(), Integer.BYTES, value.size() - Integer.BYTES);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int2        | 21   | hashint2(v::int2)",
                "int4        | 23   | hashint4(v::int4)",
                "int8        | 20   | hashint8(v::int8)",
                "bool        | 16   | hashchar(v::bool::int::\"char\")",
                "uuid        | 2950 | uuid_hash(v::uuid)",
                "date        | 1082 | hashint4(v::date - date '2000-01-01')",
                "timestamp   | 1114 | timestamp_hash(v::timestamp)",
                "timestamptz | 1184 | timestamp_hash(v::timestamptz AT TIME ZONE 'UTC')",
                "text        | 25   | hashtext(v)",
                "varchar     | 1043 | hashtext(v::varchar)"
            })
    void is_that_of_postgresql(String type, long oid, String function) throws Exception {
        List<String> values = new RandomValues(7).of(type, VALUES);
        List<Integer> expected = new ArrayList<>();
        try (Connection connection = database.dataSource().getConnection();
                PreparedStatement query =
                        connection.prepareStatement(
                                "SELECT "
                                        + function
                                        + " FROM unnest(?) WITH ORDINALITY AS one (v, n) ORDER BY n")) {
            query.setArray(1, connection.createArrayOf("text", values.toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    expected.add(row.getInt(1));
                }
            }
        }

        assertThat(values.stream().map(value -> hash(type, oid, value)).toList())
                .isEqualTo(expected);
    }

    @Test
    void is_of_no_type_that_is_not_proven() {
        for (ColumnType type : ColumnType.values()) {
            assertThat(ShardHash.of(type.oid()).isPresent())
                    .as(type.name())
                    .isEqualTo(
                            List.of(
                                            "BOOL",
                                            "INT2",
                                            "INT4",
                                            "INT8",
                                            "TEXT",
                                            "VARCHAR",
                                            "UUID",
                                            "DATE",
                                            "TIMESTAMP",
                                            "TIMESTAMPTZ")
                                    .contains(type.name()));
        }
        assertThat(ShardHash.of(1_000_000)).isEmpty();
    }
}
