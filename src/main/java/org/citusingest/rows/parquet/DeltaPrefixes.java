package org.citusingest.rows.parquet;

import java.util.Arrays;

/** Byte arrays that begin as the one before them did (DELTA_BYTE_ARRAY). */
final class DeltaPrefixes extends Values {
    private final Values prefixes;
    private final Values suffixes;

    DeltaPrefixes(PageBytes in) {
        prefixes = new DeltaNumbers(in.copy(), true);
        DeltaNumbers.skip(in);
        suffixes = new DeltaLengths(in);
    }

    @Override
    void next() {
        prefixes.next();
        suffixes.next();
        long prefix = prefixes.number;
        if (prefix < 0 || prefix > end) {
            throw new DamageException(
                    "a value shares %d bytes with one that has %d".formatted(prefix, end));
        }
        int suffix = suffixes.end - suffixes.start;
        int length = Math.addExact((int) prefix, suffix);
        if (length > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(length * 2L, Integer.MAX_VALUE - 8));
        }
        // What is shared is there already.
        System.arraycopy(suffixes.bytes, suffixes.start, bytes, (int) prefix, suffix);
        end = length;
    }
}
