package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.citusingest.TestPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Loads tables by COPY, binary for what is recognised and text for the rest. */
class BinaryCopyTest {
    private static final String BINARY = "COPY by_copy FROM STDIN BINARY";
    private static final int COUNT = Integer.getInteger("texts", 2_000);
    private static final long SEED = Long.getLong("seed", 20_240_229);
    private static final int MAX_REFUSED = 100;

    private static Connection connection;

    @BeforeAll
    static void connect() throws SQLException {
        connection = TestPostgres.freshDatabase().getConnection();
        execute("SET TimeZone = 'UTC'");
        connection.setAutoCommit(false);
    }

    @AfterAll
    static void disconnect() throws SQLException {
        connection.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BOOL | bool",
                "INT2 | int2",
                "INT4 | int4",
                "INT8 | int8",
                "FLOAT4 | float4",
                "FLOAT8 | float8",
                "NUMERIC | numeric",
                "NUMERIC | numeric(6,2)",
                "NUMERIC | numeric(8,-3)",
                "NUMERIC | numeric(4,8)",
                "NUMERIC | numeric(40)",
                "TEXT | text",
                "VARCHAR | varchar",
                "VARCHAR | varchar(5)",
                "BPCHAR | bpchar",
                "BPCHAR | char(5)",
                "UUID | uuid",
                "DATE | date",
                "TIMESTAMP | timestamp",
                "TIMESTAMP | timestamp(0)",
                "TIMESTAMP | timestamp(3)",
                "TIMESTAMPTZ | timestamptz",
                "TIMESTAMPTZ | timestamptz(3)",
                "JSON | json",
                "JSONB | jsonb",
                "BYTEA | bytea"
            })
    void a_table_loaded_by_copy_equals_one_filled_by_casts(ColumnType type, String declared)
            throws SQLException {
        List<String> texts = Texts.of(type, SEED, COUNT);
        createTables(declared);
        Set<Integer> valid = fillByCasts(type, texts, declared);
        CopyBuffer binary = new CopyBuffer(64);
        CopyBuffer text = new CopyBuffer(64);
        CopyTextEncoder rows = new CopyTextEncoder(text);
        BinaryCopy.start(binary);
        List<CopyBuffer> refused = new ArrayList<>();
        for (int id = 0; id < texts.size(); id++) {
            String value = texts.get(id);
            Optional<byte[]> encoded = BinaryCopy.encoded(type, value.getBytes(UTF_8));
            if (encoded.isPresent() && valid.contains(id)) {
                putRow(binary, id, encoded.get());
            } else if (encoded.isPresent()) {
                refused.add(alone(encoded.get()));
            } else if (valid.contains(id)) {
                rows.field(BinaryCopy.field("" + id));
                rows.field(BinaryCopy.field(value));
                rows.endRow();
            }
        }
        BinaryCopy.end(binary);
        long copied = BinaryCopy.send(connection, BINARY, binary);
        copied += BinaryCopy.send(connection, "COPY by_copy FROM STDIN", text);

        assertThat(copied).isEqualTo(valid.size());
        assertThat(differences()).isEmpty();
        // What a modifier or the text itself makes invalid is refused in binary too.
        for (CopyBuffer row : refused.subList(0, Math.min(MAX_REFUSED, refused.size()))) {
            refuse(row);
        }
    }

    @Test
    void a_text_too_long_for_its_varchar_is_refused_as_by_text_copy() throws SQLException {
        createTables("varchar(5)");
        byte[] value = BinaryCopy.encoded(ColumnType.VARCHAR, "123456".getBytes(UTF_8)).get();
        assertThat(refuse(alone(value))).isEqualTo("22001");

        CopyBuffer text = new CopyBuffer(64);
        CopyTextEncoder rows = new CopyTextEncoder(text);
        rows.field(BinaryCopy.field("1"));
        rows.field(BinaryCopy.field("123456"));
        rows.endRow();
        assertThat(refuse("COPY by_copy FROM STDIN", text)).isEqualTo("22001");
    }

    @Test
    void a_nul_byte_and_bad_utf_8_are_refused_by_the_server() throws SQLException {
        createTables("text");
        assertThat(refuse(alone(new byte[] {'a', 0, 'b'}))).isEqualTo("22021");
        assertThat(refuse(alone(new byte[] {(byte) 0xE9}))).isEqualTo("22021");
    }

    private static void createTables(String declared) throws SQLException {
        connection.rollback();
        execute("DROP TABLE IF EXISTS by_copy, by_cast");
        execute("CREATE TABLE by_copy (id int, value %s)".formatted(declared));
        execute("CREATE TABLE by_cast (LIKE by_copy)");
        connection.commit();
    }

    /**
     * Returns the indexes of the texts that the server accepts. A cast applies the modifier after
     * the type: as numeric(6,2) it refuses 0e-99999, which the input function rounds to 0.00.
     */
    private static Set<Integer> fillByCasts(ColumnType type, List<String> texts, String declared)
            throws SQLException {
        String sql =
                """
                WITH given AS MATERIALIZED (
                    SELECT i::int - 1 AS id, t FROM unnest(?) WITH ORDINALITY AS u (t, i)
                    WHERE pg_input_is_valid(t, '%1$s') AND pg_input_is_valid(t, '%2$s')
                )
                INSERT INTO by_cast SELECT id, t::%1$s FROM given RETURNING id
                """
                        .formatted(declared, type.name());
        Set<Integer> ids = new HashSet<>();
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setArray(1, connection.createArrayOf("text", texts.toArray()));
            try (ResultSet rows = insert.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getInt(1));
                }
            }
        }
        return ids;
    }

    private static List<String> differences() throws SQLException {
        String sql =
                """
                SELECT id, c.value, s.value FROM by_copy c FULL JOIN by_cast s USING (id)
                WHERE c.value::text IS DISTINCT FROM s.value::text
                   OR pg_column_size(c.value) IS DISTINCT FROM pg_column_size(s.value)
                """;
        List<String> differences = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                differences.add(
                        rows.getInt(1) + ": " + rows.getString(2) + ", " + rows.getString(3));
            }
        }
        return differences;
    }

    private static CopyBuffer alone(byte[] value) {
        CopyBuffer row = new CopyBuffer(64);
        BinaryCopy.start(row);
        putRow(row, 1, value);
        BinaryCopy.end(row);
        return row;
    }

    private static void putRow(CopyBuffer out, int id, byte[] value) {
        out.putShort(2);
        out.putInt(4);
        out.putInt(id);
        out.putInt(value.length);
        out.put(value, 0, value.length);
    }

    private static String refuse(CopyBuffer row) throws SQLException {
        return refuse(BINARY, row);
    }

    /** The SQLSTATE with which the server refuses the COPY. */
    private static String refuse(String copy, CopyBuffer rows) throws SQLException {
        Savepoint before = connection.setSavepoint();
        String[] state = new String[1];
        assertThatThrownBy(() -> BinaryCopy.send(connection, copy, rows))
                .isInstanceOfSatisfying(SQLException.class, e -> state[0] = e.getSQLState());
        connection.rollback(before);
        return state[0];
    }

    private static void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
