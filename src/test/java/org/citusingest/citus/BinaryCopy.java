package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Optional;
import org.citusingest.rows.Field;
import org.postgresql.PGConnection;

/** Writes the rows of a test in the binary format of COPY and sends a buffer to the server. */
final class BinaryCopy {
    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(ISO_8859_1);

    private BinaryCopy() {}

    /** The value as the encoder makes it, without its length; empty when it is not recognised. */
    static Optional<byte[]> encoded(ColumnEncoder encoder, byte[] text) {
        // The text is not at the start of its array, as in a batch.
        byte[] around = new byte[text.length + 6];
        Arrays.fill(around, (byte) '7');
        System.arraycopy(text, 0, around, 3, text.length);
        Field field = new Field();
        field.set(around, 3, 3 + text.length);
        return encoded(encoder, field);
    }

    /** The value as the encoder makes it, without its length; empty when it is not recognised. */
    static Optional<byte[]> encoded(ColumnEncoder encoder, Field field) {
        CopyBuffer out = new CopyBuffer(1);
        if (!encoder.encode(field, out)) {
            return Optional.empty();
        }
        CopyBuffer length = new CopyBuffer(4);
        length.putInt(out.size() - 4);
        if (!Arrays.equals(out.bytes(), 0, 4, length.bytes(), 0, 4)) {
            throw new AssertionError("The length is not that of the value: " + field);
        }
        return Optional.of(Arrays.copyOfRange(out.bytes(), 4, out.size()));
    }

    static Field field(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        Field field = new Field();
        field.set(bytes, 0, bytes.length);
        return field;
    }

    static void start(CopyBuffer out) {
        out.put(SIGNATURE, 0, SIGNATURE.length);
        out.putInt(0);
        out.putInt(0);
    }

    static void end(CopyBuffer out) {
        out.putShort(-1);
    }

    /** Runs the COPY statement with all that is in the buffer. */
    static long send(Connection connection, String copy, CopyBuffer buffer) throws SQLException {
        try (InputStream in = new ByteArrayInputStream(buffer.bytes(), 0, buffer.size())) {
            return connection.unwrap(PGConnection.class).getCopyAPI().copyIn(copy, in);
        } catch (IOException e) {
            throw new AssertionError("Reading from memory failed", e);
        }
    }
}
