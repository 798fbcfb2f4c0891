package org.citusingest.ledger;

import java.time.Instant;

/**
 * What the ledger has of a pipeline, whichever process loads for it.
 *
 * @param waiting how many loads wait, those to be tried again among them
 * @param loading how many are being loaded
 * @param failed how many have failed and were not tried again
 * @param waitingBytes the size of the blobs that wait
 * @param oldestSeconds since when the oldest load that is not finished has been known; 0 where
 *     there is none
 * @param lastLoaded when the last load was finished; null where none was
 * @param lastError why the last one failed of those that have; null where none has
 */
public record PipelineRecord(
        String pipeline,
        long waiting,
        long loading,
        long failed,
        long waitingBytes,
        double oldestSeconds,
        Instant lastLoaded,
        String lastError) {}
