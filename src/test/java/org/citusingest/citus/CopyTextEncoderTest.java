package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.citusingest.TestPostgres;
import org.junit.jupiter.api.Test;

class CopyTextEncoderTest {
    private static final long SEED = Long.getLong("seed", 20_240_229);
    private static final String SPECIAL = "\\\b\f\n\r\t\u000b\\N.b\u0001\u007f\u00e9 ";

    @Test
    void fields_are_escaped_and_rows_end_with_a_line_feed() {
        CopyBuffer out = new CopyBuffer(1);
        CopyTextEncoder rows = new CopyTextEncoder(out);
        rows.field(BinaryCopy.field("a\\b\b\f\n\r\t\u000bz"));
        rows.nullField();
        rows.field(BinaryCopy.field(""));
        rows.endRow();
        rows.field(BinaryCopy.field("\\N"));
        rows.endRow();
        assertThat(new String(out.bytes(), 0, out.size(), UTF_8))
                .isEqualTo("a\\\\b\\b\\f\\n\\r\\t\\vz\t\\N\t\n\\\\N\n");
    }

    @Test
    void any_text_comes_back_from_the_server_as_it_was() throws SQLException {
        Random random = new Random(SEED);
        List<List<String>> given = new ArrayList<>();
        given.add(Arrays.asList("\\.", ""));
        given.add(Arrays.asList("", null));
        given.add(Arrays.asList(null, "\\N"));
        for (int i = 0; i < 5_000; i++) {
            given.add(Arrays.asList(text(random), text(random)));
        }
        assertThat(copied(given)).isEqualTo(given);
    }

    private static String text(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 ->
                    random.ints(random.nextInt(20), 1, 0xD800)
                            .mapToObj(Character::toString)
                            .collect(Collectors.joining());
            default ->
                    random.ints(random.nextInt(10), 0, SPECIAL.length())
                            .mapToObj(i -> SPECIAL.substring(i, i + 1))
                            .collect(Collectors.joining());
        };
    }

    private static List<List<String>> copied(List<List<String>> given) throws SQLException {
        CopyBuffer out = new CopyBuffer(64);
        CopyTextEncoder rows = new CopyTextEncoder(out);
        for (List<String> row : given) {
            row.forEach(text -> put(rows, text));
            rows.endRow();
        }
        List<List<String>> copied = new ArrayList<>();
        try (Connection connection = TestPostgres.freshDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE texts (id serial, a text, b text)");
            BinaryCopy.send(connection, "COPY texts (a, b) FROM STDIN", out);
            try (ResultSet found = statement.executeQuery("SELECT a, b FROM texts ORDER BY id")) {
                while (found.next()) {
                    copied.add(Arrays.asList(found.getString(1), found.getString(2)));
                }
            }
        }
        return copied;
    }

    private static void put(CopyTextEncoder rows, String text) {
        if (text == null) {
            rows.nullField();
        } else {
            rows.field(BinaryCopy.field(text));
        }
    }
}
