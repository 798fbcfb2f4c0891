package org.citusingest.rows;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/**
 * Tells damaged compressed bytes from bytes that could not be read: the first is the fault of the
 * file and stays so, the second may go well another time.
 */
final class DamageStream extends InputStream {
    private final Compression compression;
    private final Source source;
    private InputStream decompressed;

    private DamageStream(Compression compression, Source source) {
        this.compression = compression;
        this.source = source;
    }

    /**
     * Decompresses a stream.
     *
     * @throws RowFormatException here and when reading, when the bytes are not what the compression
     *     makes
     */
    static InputStream open(Compression compression, InputStream in) throws IOException {
        DamageStream stream = new DamageStream(compression, new Source(in));
        try {
            stream.decompressed = compression.open(stream.source);
        } catch (IOException e) {
            throw stream.judge(e);
        }
        return stream;
    }

    @Override
    public int read() throws IOException {
        try {
            return decompressed.read();
        } catch (IOException e) {
            throw judge(e);
        }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        try {
            return decompressed.read(bytes, offset, length);
        } catch (IOException e) {
            throw judge(e);
        }
    }

    private IOException judge(IOException error) {
        if (source.failed) {
            return error;
        }
        RowFormatException damaged =
                new RowFormatException(
                        -1,
                        -1,
                        "the file begins like %s but is damaged or cut off (%s); upload it again"
                                .formatted(
                                        compression.name().toLowerCase(Locale.ROOT),
                                        error.getMessage() == null
                                                ? "it ends too early"
                                                : error.getMessage()));
        // Not as its cause: a failure to read would be worth another attempt.
        damaged.addSuppressed(error);
        throw damaged;
    }

    @Override
    public void close() throws IOException {
        decompressed.close();
    }

    /** Remembers whether the bytes themselves could not be read. */
    private static final class Source extends FilterInputStream {
        private boolean failed;

        Source(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return in.read();
            } catch (IOException | RuntimeException e) {
                failed = true;
                throw e;
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException | RuntimeException e) {
                failed = true;
                throw e;
            }
        }
    }
}
