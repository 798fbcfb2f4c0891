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
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.citusingest.TestPostgres;
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
