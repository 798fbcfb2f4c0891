package org.citusingest.ledger;

import java.time.Duration;
import java.time.Instant;

/**
 * A load as the ledger knows it. Times are the database's and null while they have not come.
 *
 * @param replayOf the load whose rejected rows it loads; null where it loads a source
 * @param sizeBytes the size of the blob; -1 where the source is none
 * @param duration from its start to its end, or until now while it is loading; null before the
 *     start
 */
public record LoadRecord(
        long id,
        Long replayOf,
        String pipeline,
        String source,
        String etag,
        LoadState state,
        int attempts,
        long rowsCopied,
        long rowsRejected,
        long sizeBytes,
        Instant foundAt,
        Instant startedAt,
        Instant finishedAt,
        Instant summarizedAt,
        Duration duration,
        String error) {

    /** Rows copied a second; 0 while nothing can be said. */
    public long rowsPerSecond() {
        return duration == null || duration.toMillis() == 0
                ? 0
                : rowsCopied * 1000 / duration.toMillis();
    }
}
