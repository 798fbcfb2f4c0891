package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.citusingest.TestPostgres;
import org.citusingest.rows.Field;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Asks PostgreSQL what each text means and compares with what the encoder made of it. */
class ColumnTypeServerTest {
    private static final int COUNT = Integer.getInteger("texts", 5_000);
    private static final long SEED = Long.getLong("seed", 20_240_229);

    private static Connection connection;

    @BeforeAll
    static void connect() throws SQLException {
        connection = TestPostgres.freshDatabase().getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
        }
    }

    @AfterAll
    static void disconnect() throws SQLException {
        connection.close();
    }

    /** jsonb is compared by COPY: its encoder sends the text, its send function the value. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "JSONB")
    void what_is_recognised_means_to_the_server_what_was_encoded(ColumnType type)
            throws SQLException {
        List<String> texts = Texts.of(type, SEED, COUNT);
        List<byte[]> sent = sentByServer(type, texts);
        List<String> wrong = new ArrayList<>();
        int recognised = 0;
        int accepted = 0;
        for (int i = 0; i < texts.size(); i++) {
            Optional<byte[]> encoded = BinaryCopy.encoded(type, texts.get(i).getBytes(UTF_8));
            String server = hex(sent.get(i));
            // The receive function of json reads the text, and refuses the same.
            boolean judged = type == ColumnType.JSON && server == null;
            if (encoded.isPresent() && !judged) {
                recognised++;
                String ours = hex(encoded.get());
                if (!ours.equals(server)) {
                    wrong.add("'%s': %s, server %s".formatted(texts.get(i), ours, server));
                }
            }
            accepted += server == null ? 0 : 1;
        }
        assertThat(wrong).as("wrong of seed " + SEED).isEmpty();
        // Half of the texts were made to be valid: the comparison must not be an empty one.
        assertThat(recognised).isGreaterThan(COUNT / 4).isLessThanOrEqualTo(accepted);
    }

    /** A value of a typed source means to each type what its text means. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"JSON", "JSONB"})
    void a_typed_value_means_to_the_server_what_its_text_means(ColumnType type)
            throws SQLException {
        List<Field> values = typed(new Random(SEED));
        List<String> texts = values.stream().map(Field::toString).toList();
        List<byte[]> sent = sentByServer(type, texts);
        List<String> wrong = new ArrayList<>();
        Set<Field.Kind> recognised = EnumSet.noneOf(Field.Kind.class);
        for (int i = 0; i < values.size(); i++) {
            Field value = values.get(i);
            Optional<byte[]> encoded = BinaryCopy.encoded(type, value);
            if (encoded.isPresent()) {
                recognised.add(value.kind());
                if (!hex(encoded.get()).equals(hex(sent.get(i)))) {
                    wrong.add(
                            "%s %s: %s, server %s"
                                    .formatted(
                                            value.kind(),
                                            value,
                                            hex(encoded.get()),
                                            hex(sent.get(i))));
                }
            }
        }
        assertThat(wrong).as("wrong of seed " + SEED).isEmpty();
        assertThat(recognised).contains(Field.Kind.valueOf(OWN_KIND.getOrDefault(type, "TEXT")));
    }

    private static final Map<ColumnType, String> OWN_KIND =
            Map.ofEntries(
                    Map.entry(ColumnType.BOOL, "BOOLEAN"),
                    Map.entry(ColumnType.BYTEA, "BINARY"),
                    Map.entry(ColumnType.INT2, "INTEGER"),
                    Map.entry(ColumnType.INT4, "INTEGER"),
                    Map.entry(ColumnType.INT8, "INTEGER"),
                    Map.entry(ColumnType.FLOAT4, "FLOAT4"),
                    Map.entry(ColumnType.FLOAT8, "FLOAT8"),
                    Map.entry(ColumnType.DATE, "DATE"),
                    Map.entry(ColumnType.TIMESTAMP, "TIMESTAMP"),
                    Map.entry(ColumnType.TIMESTAMPTZ, "TIMESTAMPTZ"),
                    Map.entry(ColumnType.UUID, "UUID"));

    /** Values of all kinds, small and of any size, and those at the ends of the types. */
    private static List<Field> typed(Random random) {
        List<Field> values = new ArrayList<>();
        for (int i = 0; i < COUNT / 10; i++) {
            long number = random.nextLong() >> random.nextInt(64);
            byte[] bytes = new byte[16 + random.nextInt(3)];
            random.nextBytes(bytes);
            add(values, field -> field.setBoolean(number % 2 == 0));
            add(values, field -> field.setInteger(number));
            add(values, field -> field.setFloat4(Float.intBitsToFloat((int) number)));
            add(values, field -> field.setFloat8(Double.longBitsToDouble(number)));
            add(values, field -> field.setFloat8(number / 8.0));
            add(values, field -> field.setDecimal(number, random.nextInt(12) - 3));
            add(values, field -> field.setDate(number % 4_000_000));
            add(values, field -> field.setTime(Math.floorMod(number, 86_400_000_000L)));
            add(values, field -> field.setTimestamp(number));
            add(values, field -> field.setTimestamp(number % 300_000_000_000_000_000L));
            add(values, field -> field.setTimestamptz(number));
            add(values, field -> field.setTimestamptz(number % 300_000_000_000_000_000L));
            add(values, field -> field.setUuid(bytes, bytes.length - 16));
            add(values, field -> field.setBinary(bytes, 1, bytes.length));
        }
        return values;
    }

    private static void add(List<Field> values, Consumer<Field> value) {
        Field field = new Field();
        value.accept(field);
        values.add(field);
    }

    /** What the type's send function gives for each text; null where the server refuses it. */
    private static List<byte[]> sentByServer(ColumnType type, List<String> texts)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    """
                    DO $do$ DECLARE t pg_type; BEGIN
                        SELECT * INTO STRICT t FROM pg_type WHERE oid = %d AND typname = '%s';
                        EXECUTE format($f$
                            CREATE OR REPLACE FUNCTION sent(t text) RETURNS bytea LANGUAGE plpgsql
                            AS $$ BEGIN RETURN %%s(t::%%I); EXCEPTION WHEN others THEN RETURN NULL; END $$
                            $f$, t.typsend, t.typname);
                    END $do$
                    """
                            .formatted(type.oid(), type.name().toLowerCase(java.util.Locale.ROOT)));
        }
        Array array = connection.createArrayOf("text", texts.toArray());
        List<byte[]> sent = new ArrayList<>();
        try (PreparedStatement query =
                connection.prepareStatement(
                        "SELECT sent(t) FROM unnest(?) WITH ORDINALITY AS u (t, i) ORDER BY i")) {
            query.setArray(1, array);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    sent.add(rows.getBytes(1));
                }
            }
        }
        return sent;
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? null : HexFormat.of().formatHex(bytes);
    }
}
