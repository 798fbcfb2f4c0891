package org.citusingest.faults;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The head of an HTTP request or response, as it is on the wire. */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way, compared by nobody
record HttpHead(byte[] bytes, List<String> lines) {
    /** Reads up to the empty line; empty where the connection ends before the first byte. */
    static Optional<HttpHead> read(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int newlines = 0;
        while (newlines < 2) {
            int next = in.read();
            if (next < 0) {
                if (head.size() == 0) {
                    return Optional.empty();
                }
                throw new EOFException("within the head of a message");
            }
            head.write(next);
            newlines = next == '\n' ? newlines + 1 : next == '\r' ? newlines : 0;
        }
        byte[] bytes = head.toByteArray();
        return Optional.of(
                new HttpHead(
                        bytes, new String(bytes, StandardCharsets.ISO_8859_1).lines().toList()));
    }

    /** The request line or the status line. */
    String first() {
        return lines.get(0);
    }

    /** The value of a header. */
    Optional<String> header(String name) {
        String start = name + ":";
        return lines.stream()
                .filter(line -> line.regionMatches(true, 0, start, 0, start.length()))
                .map(line -> line.substring(start.length()).strip())
                .findFirst();
    }

    /** How many bytes the body has; -1 when it comes in chunks, which is said by the chunks. */
    long bodyLength() {
        if (header("transfer-encoding").filter("chunked"::equalsIgnoreCase).isPresent()) {
            return -1;
        }
        return header("content-length").map(Long::parseLong).orElse(0L);
    }

    /** The status of a response. */
    int status() {
        return Integer.parseInt(first().substring(9, 12));
    }

    boolean closes() {
        return header("connection").filter("close"::equalsIgnoreCase).isPresent();
    }
}
