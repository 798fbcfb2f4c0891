package org.citusingest.rows.parquet;

/** Truth values as runs. */
final class BooleanRuns extends Values {
    private final RunLengths runs;

    BooleanRuns(PageBytes in) {
        runs = new RunLengths(in.slice(in.readInt()), 1);
    }

    @Override
    void next() {
        number = runs.next();
    }
}
