package org.citusingest.rows;

import java.nio.charset.Charset;

/**
 * How much of a text is read at a time, and how much there may be of it.
 *
 * @param batchBytes how many bytes a batch holds at most, unless one row is longer
 * @param maxRecordBytes how many bytes a row may have
 * @param maxExpansion how many times the size of a large compressed source its content may have
 * @param maxDecompressedBytes how many bytes the content of a compressed source may have
 */
public record TextLimits(
        int batchBytes, int maxRecordBytes, int maxExpansion, long maxDecompressedBytes) {
    /** The most that {@code batchBytes} and {@code maxRecordBytes} can be: 512 MiB. */
    public static final int MAX_BYTES = 512 << 20;

    /** Batches of 8 MiB, rows of 16 MiB, and from a compressed source 200 times its size. */
    public static final TextLimits DEFAULT = new TextLimits(8 << 20, 16 << 20, 200, 1L << 40);

    /**
     * Checks that they are possible.
     *
     * @throws IllegalArgumentException naming the option, its value and what is allowed
     */
    public TextLimits {
        checkBytes("batchBytes", batchBytes);
        checkBytes("maxRecordBytes", maxRecordBytes);
        checkPositive("maxExpansion", maxExpansion);
        checkPositive("maxDecompressedBytes", maxDecompressedBytes);
    }

    /** The same with another size of batches. */
    public TextLimits withBatchBytes(int value) {
        return new TextLimits(value, maxRecordBytes, maxExpansion, maxDecompressedBytes);
    }

    /** The same with another longest row. */
    public TextLimits withMaxRecordBytes(int value) {
        return new TextLimits(batchBytes, value, maxExpansion, maxDecompressedBytes);
    }

    /** The same with another most that a source may expand. */
    public TextLimits withMaxExpansion(int value) {
        return new TextLimits(batchBytes, maxRecordBytes, value, maxDecompressedBytes);
    }

    /** The same with another most that the content of a compressed source may have. */
    public TextLimits withMaxDecompressedBytes(long value) {
        return new TextLimits(batchBytes, maxRecordBytes, maxExpansion, value);
    }

    /**
     * The encoding of this name.
     *
     * @throws IllegalArgumentException naming the option, its value and what is allowed
     */
    public static Charset charset(String name) {
        try {
            return Charset.forName(name);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The option 'charset' is '%s', but it must be a name this Java knows, such as UTF-8, UTF-16LE or windows-1252"
                            .formatted(name),
                    e);
        }
    }

    private static void checkBytes(String option, int value) {
        if (value < 1 || value > MAX_BYTES) {
            throw wrong(option, value, "it must be from 1 to " + MAX_BYTES + " bytes");
        }
    }

    private static void checkPositive(String option, long value) {
        if (value < 1) {
            throw wrong(option, value, "it must be 1 or more");
        }
    }

    private static IllegalArgumentException wrong(String option, long value, String allowed) {
        return new IllegalArgumentException(
                "The option '%s' is '%d', but %s".formatted(option, value, allowed));
    }
}
