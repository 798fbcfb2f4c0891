package org.citusingest.citus;

import java.util.Map;
import java.util.Optional;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.Publication;
import org.citusingest.rows.RowBatch;

/** How the rows of loads become visible. Their batches come on several threads. */
sealed interface Publisher permits WholeLoad, BatchByBatch {
    /** Copies the rows of a batch, and releases the batch when the server has judged them. */
    void copy(CopyTarget target, Load load, RowBatch batch, MaxRejects limit) throws Exception;

    /** Makes the loads complete: all their batches have been copied. */
    Map<Claim, Publication> publish(Optional<String> onRemove) throws Exception;

    /** Takes back what is not committed. */
    void close();

    /** Closes the connections under whatever is going on: a load is another process's. */
    void abandon();
}
