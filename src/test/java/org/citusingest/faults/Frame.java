package org.citusingest.faults;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A message of the PostgreSQL protocol, version 3, as it is on the wire. */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way, compared by nobody
record Frame(char type, byte[] bytes) {
    /** The type of the first message of a connection, which has none on the wire. */
    static final char STARTUP = 0;

    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;

    static Frame readStartup(DataInputStream in) throws IOException {
        int length = in.readInt();
        byte[] bytes = new byte[length];
        ByteBuffer.wrap(bytes).putInt(length);
        in.readFully(bytes, 4, length - 4);
        return new Frame(STARTUP, bytes);
    }

    static Frame read(DataInputStream in) throws IOException {
        char type = (char) in.readUnsignedByte();
        int length = in.readInt();
        byte[] bytes = new byte[length + 1];
        ByteBuffer.wrap(bytes).put((byte) type).putInt(length);
        in.readFully(bytes, 5, length - 4);
        return new Frame(type, bytes);
    }

    /** Whether a client asks for encryption before it starts. */
    boolean asksForEncryption() {
        int code = ByteBuffer.wrap(bytes, 4, 4).getInt();
        return code == SSL_REQUEST || code == GSS_REQUEST;
    }

    /** The text that begins so many zero-terminated texts after the head of the message. */
    String text(int number) {
        int from = 5;
        for (int i = 0; i < number; i++) {
            from = end(from) + 1;
        }
        return new String(bytes, from, end(from) - from, StandardCharsets.UTF_8);
    }

    private int end(int from) {
        int end = from;
        while (bytes[end] != 0) {
            end++;
        }
        return end;
    }
}
