package org.citusingest.rows;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/**
 * Decompresses. Tells damaged compressed bytes from bytes that could not be read: the first is the
 * fault of the file and stays so, the second may go well another time. Ends where a small file
 * becomes too large.
 */
final class DamageStream extends InputStream {
    /** What is not larger than this does no harm, however small it was. */
    private static final long HARMLESS_BYTES = 256L << 20;

    private final Compression compression;
    private final Source source;
    private final TextLimits limits;
    private InputStream decompressed;
    private long count;

    private DamageStream(Compression compression, Source source, TextLimits limits) {
        this.compression = compression;
        this.source = source;
        this.limits = limits;
    }

    /**
     * Decompresses a stream.
     *
     * @throws RowFormatException here and when reading, when the bytes are not what the compression
     *     makes, or become more than the limits allow
     */
    static InputStream open(Compression compression, InputStream in, TextLimits limits)
            throws IOException {
        DamageStream stream = new DamageStream(compression, new Source(in), limits);
        try {
            stream.decompressed = compression.open(stream.source);
        } catch (IOException | RuntimeException e) {
            throw stream.judge(e);
        }
        return stream;
    }

    @Override
    public int read() throws IOException {
        int one;
        try {
            one = decompressed.read();
        } catch (IOException | RuntimeException e) {
            throw judge(e);
        }
        count(one < 0 ? 0 : 1);
        return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int read;
        try {
            read = decompressed.read(bytes, offset, length);
        } catch (IOException | RuntimeException e) {
            throw judge(e);
        }
        count(Math.max(read, 0));
        return read;
    }

    private void count(int more) {
        count += more;
        if (count > limits.maxDecompressedBytes()) {
            throw tooLarge("maxDecompressedBytes", limits.maxDecompressedBytes());
        }
        if (count > HARMLESS_BYTES && count / limits.maxExpansion() > source.count) {
            throw tooLarge("maxExpansion", limits.maxExpansion());
        }
    }

    private RowFormatException tooLarge(String option, long limit) {
        return new RowFormatException(
                -1,
                -1,
                "%d bytes of %s became %d, more than the option '%s' of the data format allows, which is %d; if the file is meant to be so, raise it"
                        .formatted(source.count, name(), count, option, limit));
    }

    private String name() {
        return compression.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Throws what the bytes are to blame for; gives what the source is. Some throw what they like.
     */
    private IOException judge(Exception error) {
        if (source.failed) {
            if (error instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            return (IOException) error;
        }
        RowFormatException damaged =
                new RowFormatException(
                        -1,
                        -1,
                        "the file begins like %s but is damaged or cut off (%s); upload it again"
                                .formatted(
                                        name(),
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

    /** Counts the bytes, and remembers whether they themselves could not be read. */
    private static final class Source extends FilterInputStream {
        private boolean failed;
        private long count;

        Source(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                int one = in.read();
                count += one < 0 ? 0 : 1;
                return one;
            } catch (IOException | RuntimeException e) {
                failed = true;
                throw e;
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                int read = in.read(bytes, offset, length);
                count += Math.max(read, 0);
                return read;
            } catch (IOException | RuntimeException e) {
                failed = true;
                throw e;
            }
        }
    }
}
