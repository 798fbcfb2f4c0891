package org.citusingest.rows;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.HexFormat;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.snappy.FramedSnappyCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

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
    },

    /** One or more frames. In Java: a native library would have to be unpacked into a folder. */
    ZSTD("28b52ffd") {
        @Override
        InputStream open(InputStream in) {
            return new ZstdInputStream(in);
        }
    },

    BZIP2("425a68") {
        @Override
        InputStream open(InputStream in) throws IOException {
            return new BZip2CompressorInputStream(in, true);
        }
    },

    XZ("fd377a585a00") {
        @Override
        InputStream open(InputStream in) throws IOException {
            return XZCompressorInputStream.builder()
                    .setInputStream(in)
                    .setDecompressConcatenated(true)
                    .setMemoryLimitKiB(XZ_MEMORY_KIB)
                    .get();
        }
    },

    LZ4("04224d18") {
        @Override
        InputStream open(InputStream in) throws IOException {
            return new FramedLZ4CompressorInputStream(in, true);
        }
    },

    SNAPPY("ff060000734e61507059") {
        @Override
        InputStream open(InputStream in) throws IOException {
            return new FramedSnappyCompressorInputStream(in);
        }
    };

    private static final int LONGEST_MAGIC = 10;

    /** What xz -9 needs, twice; a file may ask for 4 GiB. */
    private static final int XZ_MEMORY_KIB = 128 << 10;

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
