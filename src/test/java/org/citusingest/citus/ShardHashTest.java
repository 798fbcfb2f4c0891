package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.citusingest.TestPostgres;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the hashes with those of PostgreSQL's own functions. */
class ShardHashTest {
    private static final int COUNT = 20_000;
    private static final long SEED = Long.getLong("seed", 20_240_229);

    @ParameterizedTest
    @CsvSource({
        "BOOL, hashchar(v::int::\"char\")",
        "INT2, hashint2(v)",
        "INT4, hashint4(v)",
        "INT8, hashint8(v)",
        "TEXT, hashtext(v)",
        "VARCHAR, hashtext(v)",
        "UUID, uuid_hash(v)",
        "DATE, hashint4(v - date '2000-01-01')",
        "TIMESTAMP, timestamp_hash(v)",
        "TIMESTAMPTZ, timestamp_hash(v at time zone 'UTC')"
    })
    void a_hash_is_that_of_the_server(ColumnType type, String function) throws SQLException {
        List<String> texts = new ArrayList<>();
        List<Integer> hashes = new ArrayList<>();
        hash(type, texts, hashes);
        List<String> wrong = new ArrayList<>();
        try (Connection connection = TestPostgres.freshDatabase().getConnection();
                PreparedStatement query =
                        connection.prepareStatement(
                                "SELECT %s FROM unnest(?) WITH ORDINALITY AS u (t, i), LATERAL (SELECT t::%s AS v) AS w ORDER BY i"
                                        .formatted(function, type))) {
            connection.createStatement().execute("SET TimeZone = 'UTC'");
            query.setArray(1, connection.createArrayOf("text", texts.toArray()));
            try (ResultSet row = query.executeQuery()) {
                for (int i = 0; row.next(); i++) {
                    if (row.getInt(1) != hashes.get(i)) {
                        wrong.add("'%s': %d".formatted(texts.get(i), hashes.get(i)));
                    }
                }
            }
        }

        assertThat(wrong).as("wrong of seed " + SEED).isEmpty();
        assertThat(texts).hasSizeGreaterThan(COUNT / 4);
    }

    /** The texts that the encoder takes and the hashes of what it makes of them. */
    static void hash(ColumnType type, List<String> texts, List<Integer> hashes) {
        hash(type, SEED, COUNT, texts, hashes);
    }

    static void hash(
            ColumnType type, long seed, int count, List<String> texts, List<Integer> hashes) {
        ShardHash hash = ShardHash.of(type.oid()).orElseThrow();
        for (String text : Texts.of(type, seed, count)) {
            Optional<byte[]> encoded = BinaryCopy.encoded(type, text.getBytes(UTF_8));
            if (encoded.isPresent()) {
                byte[] around = new byte[encoded.get().length + 5];
                System.arraycopy(encoded.get(), 0, around, 3, encoded.get().length);
                texts.add(text);
                hashes.add(hash.hash(around, 3, encoded.get().length));
            }
        }
    }
}
