package org.citusingest.rows.parquet;

/** Byte arrays whose lengths stand before them all (DELTA_LENGTH_BYTE_ARRAY). */
final class DeltaLengths extends Values {
    private final Values lengths;
    private final PageBytes in;

    DeltaLengths(PageBytes in) {
        lengths = new DeltaNumbers(in.copy(), true);
        DeltaNumbers.skip(in);
        this.in = in;
    }

    @Override
    void next() {
        lengths.next();
        int from = in.take(lengths.number);
        point(in.array(), from, from + (int) lengths.number);
    }
}
