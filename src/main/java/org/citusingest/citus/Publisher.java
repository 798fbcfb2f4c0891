package org.citusingest.citus;

import java.util.Optional;
import org.citusingest.ledger.Publication;
import org.citusingest.rows.RowBatch;

/** How the rows of a load become visible. Its batches come on several threads. */
sealed interface Publisher permits WholeLoad, BatchByBatch {
    /** The option that asks for it. */
    CitusEndpoint.Publish mode();

    /** Copies the rows of a batch, and releases the batch when the server has judged them. */
    void copy(CopyTarget target, RowBatch batch, MaxRejects limit) throws Exception;

    /** Makes the load complete: all its batches have been copied. */
    Publication publish(CopiedBatches copied, Optional<String> onRemove) throws Exception;

    /** Takes back what is not committed. */
    void close();

    /** Closes the connections under whatever is going on: the load is another process's. */
    void abandon();
}
