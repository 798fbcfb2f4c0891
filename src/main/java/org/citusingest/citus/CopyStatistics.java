package org.citusingest.citus;

import java.util.concurrent.atomic.LongAdder;

/** What went through an endpoint since the start. */
final class CopyStatistics {
    private final LongAdder rows = new LongAdder();
    private final LongAdder batches = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile String lastError = "";

    void copied(long rowCount, long byteCount) {
        rows.add(rowCount);
        batches.increment();
        bytes.add(byteCount);
    }

    void failed(String error) {
        failed.increment();
        lastError = error;
    }

    long rows() {
        return rows.sum();
    }

    long batches() {
        return batches.sum();
    }

    long bytes() {
        return bytes.sum();
    }

    long failed() {
        return failed.sum();
    }

    String lastError() {
        return lastError;
    }
}
