package org.citusingest.citus;

import org.citusingest.rows.RowBatch;

/** A load that the ledger knows as loaded: its rows are passed over. */
record LoadedBefore(long loadId) implements OpenLoad {
    @Override
    public void copy(CitusEndpoint endpoint, RowBatch batch) {
        batch.stop();
        batch.release();
    }

    @Override
    public long firstRow(CitusEndpoint endpoint, int number, int size) {
        return 1;
    }

    @Override
    public LoadTotals publish(long batches) {
        return new LoadTotals(loadId, 0, 0, true);
    }

    @Override
    public void abort(Throwable cause) {
        // There is nothing to take back.
    }
}
