package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.citusingest.TestPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sorts values by ORDER BY of PostgreSQL and compares the numbers that stand for them. */
class ValueOrderTest {
    private static final int COUNT = Integer.getInteger("texts", 5_000);
    private static final long SEED = Long.getLong("seed", 20_240_229);

    private static Connection connection;

    @BeforeAll
    static void connect() throws SQLException {
        connection = TestPostgres.freshDatabase().getConnection();
    }

    @AfterAll
    static void disconnect() throws SQLException {
        connection.close();
    }

    /** A value, and how many distinct values are before it. */
    private record Ranked(List<Long> words, long rank) {}

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"JSON", "JSONB"})
    void no_value_stands_before_a_smaller_one_and_equal_ones_stand_together(ColumnType type)
            throws SQLException {
        ValueOrder order = ValueOrder.of(type.oid()).orElseThrow();
        List<String> texts = new ArrayList<>();
        List<byte[]> values = new ArrayList<>();
        for (String text : Texts.of(type, SEED, COUNT)) {
            BinaryCopy.encoded(type, text.getBytes(UTF_8))
                    .ifPresent(
                            value -> {
                                texts.add(text);
                                values.add(value);
                            });
        }
        List<Ranked> ranked = new ArrayList<>();
        String sorted =
                "SELECT i, dense_rank() OVER (ORDER BY t::%s%s) FROM unnest(?) WITH ORDINALITY AS u (t, i) ORDER BY 2"
                        .formatted(
                                type.name().toLowerCase(Locale.ROOT),
                                isText(type) ? " COLLATE \"C\"" : "");
        try (PreparedStatement query = connection.prepareStatement(sorted)) {
            query.setArray(1, connection.createArrayOf("text", texts.toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    byte[] value = values.get(row.getInt(1) - 1);
                    ranked.add(new Ranked(words(order, value), row.getLong(2)));
                }
            }
        }

        Set<List<Long>> distinct = new HashSet<>();
        for (int i = 0; i < ranked.size(); i++) {
            distinct.add(ranked.get(i).words());
            if (i > 0) {
                Ranked before = ranked.get(i - 1);
                Ranked value = ranked.get(i);
                assertThat(compare(before.words(), value.words()))
                        .as("seed %d: %s, %s", SEED, before, value)
                        .isIn(before.rank() == value.rank() ? List.of(0) : List.of(-1, 0));
            }
        }
        // The numbers must tell most values apart, or there would be no order.
        assertThat(distinct.size() * 2L).isGreaterThan(ranked.get(ranked.size() - 1).rank());
        assertThat(ranked).hasSizeGreaterThan(COUNT / 4);
    }

    private static boolean isText(ColumnType type) {
        return type == ColumnType.TEXT || type == ColumnType.VARCHAR || type == ColumnType.BPCHAR;
    }

    private static List<Long> words(ValueOrder order, byte[] value) {
        // The value is not at the start of its array, as in a row.
        byte[] around = new byte[value.length + 5];
        System.arraycopy(value, 0, around, 3, value.length);
        List<Long> words = new ArrayList<>();
        for (int i = 0; i < order.words(); i++) {
            words.add(order.word(around, 3, value.length, i));
        }
        return words;
    }

    private static int compare(List<Long> one, List<Long> other) {
        for (int i = 0; i < one.size(); i++) {
            int compared = Long.compareUnsigned(one.get(i), other.get(i));
            if (compared != 0) {
                return Integer.signum(compared);
            }
        }
        return 0;
    }
}
