package org.citusingest.rows;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.HexFormat;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** The compressions of a source, known by the bytes it starts with. */
enum Compression {
    /**
     * One or more gzip members. Not the JDK's stream: that one ends quietly after a member when the
     * source says that no bytes are available at the moment.
     */
    GZIP("1f8b") {
        @Override
        InputStream open(InputStream in) throws IOException {
            return GzipCompressorInputStream.builder()
                    .setInputStream(in)
                    .setDecompressConcatenated(true)
                    .get();
        }
    };

    private static final int LONGEST_MAGIC = 4;

    private final String magicHex;

    Compression(String magicHex) {
        this.magicHex = magicHex;
    }

    /** A stream of what was compressed; a truncated or damaged source is an IOException in it. */
    abstract InputStream open(InputStream in) throws IOException;

    /**
     * The stream decompressed, as far as the limits allow, or as it is when its first bytes name no
     * compression.
     */
    static InputStream decompress(InputStream in, TextLimits limits) throws IOException {
        PushbackInputStream peeked = new PushbackInputStream(in, LONGEST_MAGIC);
        byte[] first = peeked.readNBytes(LONGEST_MAGIC);
        peeked.unread(first);
        String start = HexFormat.of().formatHex(first);
        for (Compression compression : values()) {
            if (start.startsWith(compression.magicHex)) {
                return DamageStream.open(compression, peeked, limits);
            }
        }
        return peeked;
    }
}
