package org.citusingest.citus;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The formats of COPY that are sent: what stands before the first row and after the last one. */
enum CopyFormat {
    TEXT(new byte[0], new byte[0]),
    BINARY(
            // The signature, no flags, no header extension; the trailer is a row of -1 fields.
            "PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1),
            new byte[] {-1, -1});

    @SuppressWarnings("ImmutableEnumChecker") // never written to
    private final byte[] header;

    @SuppressWarnings("ImmutableEnumChecker") // never written to
    private final byte[] trailer;

    CopyFormat(byte[] header, byte[] trailer) {
        this.header = header;
        this.trailer = trailer;
    }

    byte[] header() {
        return header;
    }

    byte[] trailer() {
        return trailer;
    }

    /** The format's name in SQL. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
