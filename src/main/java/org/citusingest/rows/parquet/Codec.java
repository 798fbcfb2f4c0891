package org.citusingest.rows.parquet;

import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.format.CompressionCodec;
import org.brotli.dec.BrotliInputStream;

/** The compressions of pages. */
enum Codec {
    UNCOMPRESSED {
        @Override
        int decompress(byte[] from, int start, int length, byte[] to, int size) {
            System.arraycopy(from, start, to, 0, Math.min(length, size));
            return length;
        }
    },
    SNAPPY {
        @Override
        int decompress(byte[] from, int start, int length, byte[] to, int size) {
            return by(new SnappyDecompressor(), from, start, length, to, size);
        }
    },
    GZIP {
        @Override
        int decompress(byte[] from, int start, int length, byte[] to, int size) throws IOException {
            return read(
                    new GZIPInputStream(new ByteArrayInputStream(from, start, length)), to, size);
        }
    },
    BROTLI {
        @Override
        int decompress(byte[] from, int start, int length, byte[] to, int size) throws IOException {
            return read(
                    new BrotliInputStream(new ByteArrayInputStream(from, start, length)), to, size);
        }
    },
    ZSTD {
        @Override
        int decompress(byte[] from, int start, int length, byte[] to, int size) {
            return by(new ZstdDecompressor(), from, start, length, to, size);
        }
    },
    LZ4_RAW {
        @Override
        int decompress(byte[] from, int start, int length, byte[] to, int size) {
            return by(new Lz4Decompressor(), from, start, length, to, size);
        }
    },
    /** Blocks of LZ4 after their two lengths, as Hadoop writes it, or one as LZ4_RAW has it. */
    LZ4 {
        @Override
        int decompress(byte[] from, int start, int length, byte[] to, int size) throws IOException {
            return isFramed(from, start, length, size)
                    ? frames(from, start, length, to, size)
                    : LZ4_RAW.decompress(from, start, length, to, size);
        }
    };

    private static final int LZ4_LENGTHS = 2 * Integer.BYTES;

    /**
     * Decompresses into the start of an array.
     *
     * @param size how many bytes are expected
     * @return how many there were; more than {@code size} when there are more
     */
    abstract int decompress(byte[] from, int start, int length, byte[] to, int size)
            throws IOException;

    /** The codec that a column chunk names. */
    static Codec of(CompressionCodec codec) {
        return switch (codec) {
            case UNCOMPRESSED -> UNCOMPRESSED;
            case SNAPPY -> SNAPPY;
            case GZIP -> GZIP;
            case BROTLI -> BROTLI;
            case ZSTD -> ZSTD;
            case LZ4 -> LZ4;
            case LZ4_RAW -> LZ4_RAW;
            case LZO ->
                    throw new DamageException(
                            "it is compressed by LZO, which is not read; write the file with snappy, zstd, gzip, lz4_raw, brotli or none");
        };
    }

    private static int by(
            Decompressor codec, byte[] from, int start, int length, byte[] to, int size) {
        return codec.decompress(from, start, length, to, 0, size);
    }

    private static int read(InputStream in, byte[] to, int size) throws IOException {
        int count = in.readNBytes(to, 0, size);
        return in.read() < 0 ? count : count + 1;
    }

    private static boolean isFramed(byte[] from, int start, int length, int size) {
        if (length < LZ4_LENGTHS) {
            return false;
        }
        ByteBuffer lengths = ByteBuffer.wrap(from, start, length);
        int plain = lengths.getInt();
        int compressed = lengths.getInt();
        return plain >= 0 && plain <= size && compressed >= 0 && compressed <= length - LZ4_LENGTHS;
    }

    private static int frames(byte[] from, int start, int length, byte[] to, int size) {
        ByteBuffer in = ByteBuffer.wrap(from, start, length);
        int at = 0;
        while (in.remaining() >= LZ4_LENGTHS) {
            int plain = in.getInt();
            int compressed = in.getInt();
            if (plain < 0 || plain > size - at || compressed < 0 || compressed > in.remaining()) {
                throw new DamageException("a block of LZ4 has wrong lengths");
            }
            int count =
                    new Lz4Decompressor()
                            .decompress(from, in.position(), compressed, to, at, plain);
            if (count != plain) {
                throw new DamageException("a block of LZ4 has wrong lengths");
            }
            in.position(in.position() + compressed);
            at += plain;
        }
        return at;
    }
}
