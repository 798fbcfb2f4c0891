package org.citusingest.rows;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The bytes at the start of a text that say how it is encoded. */
enum ByteOrderMark {
    UTF_8("efbbbf", StandardCharsets.UTF_8.name()),
    // Before UTF-16, whose marks are the first bytes of these.
    UTF_32BE("0000feff", "UTF-32BE"),
    UTF_32LE("fffe0000", "UTF-32LE"),
    UTF_16BE("feff", StandardCharsets.UTF_16BE.name()),
    UTF_16LE("fffe", StandardCharsets.UTF_16LE.name());

    /** How many bytes the longest mark has. */
    static final int LONGEST = 4;

    private final String hex;
    private final String charset;

    ByteOrderMark(String hex, String charset) {
        this.hex = hex;
        this.charset = charset;
    }

    Charset charset() {
        return Charset.forName(charset);
    }

    /** How many bytes the mark has. */
    int length() {
        return hex.length() / 2;
    }

    /** The mark that a text starts with. */
    static Optional<ByteOrderMark> of(byte[] first) {
        String start = HexFormat.of().formatHex(first);
        return Arrays.stream(values()).filter(mark -> start.startsWith(mark.hex)).findFirst();
    }
}
