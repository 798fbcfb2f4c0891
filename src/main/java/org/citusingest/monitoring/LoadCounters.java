package org.citusingest.monitoring;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.LoadObserver;

/** What this process has done since its start, by pipelines. */
final class LoadCounters implements LoadObserver {
    private final Map<String, Counts> pipelines = new ConcurrentHashMap<>();
    private final BiConsumer<String, Counts> onNew;

    /** The counts of a pipeline. */
    static final class Counts {
        final LongAdder claims = new LongAdder();
        final LongAdder loaded = new LongAdder();

        /** Of the loaded: those that were found by a listing, and no event. */
        final LongAdder withoutEvent = new LongAdder();

        final LongAdder failed = new LongAdder();
        final LongAdder skipped = new LongAdder();
        final LongAdder retries = new LongAdder();
        final LongAdder rows = new LongAdder();
        final LongAdder rejected = new LongAdder();
        final LongAdder bytes = new LongAdder();
        final LongAdder batches = new LongAdder();

        /** Rows that were copied, those included that are not committed yet. */
        final LongAdder copied = new LongAdder();

        volatile String lastError = "";
        volatile Instant lastLoaded;
    }

    /**
     * @param onNew hears of each pipeline, once
     */
    LoadCounters(BiConsumer<String, Counts> onNew) {
        this.onNew = onNew;
    }

    /** The counts of a pipeline, all 0 where nothing has been loaded yet. */
    Counts of(String pipeline) {
        return pipelines.computeIfAbsent(
                pipeline,
                name -> {
                    Counts counts = new Counts();
                    onNew.accept(name, counts);
                    return counts;
                });
    }

    private Counts of(Claim claim) {
        return of(claim.pipeline());
    }

    @Override
    public void claimed(Claim claim) {
        of(claim).claims.increment();
    }

    @Override
    public void worked(List<Claim> claims, Work work) {
        Counts counts = of(claims.get(0));
        if (work.kind() == Kind.PARSE) {
            counts.batches.increment();
        } else if (work.kind() == Kind.COPY) {
            counts.copied.add(work.rows());
        }
    }

    @Override
    public void loaded(Claim claim, long rows, long rejected, double seconds) {
        Counts counts = of(claim);
        counts.loaded.increment();
        if (claim.eventAt() == null) {
            counts.withoutEvent.increment();
        }
        counts.rows.add(rows);
        counts.rejected.add(rejected);
        counts.bytes.add(Math.max(0, claim.sizeBytes()));
        counts.lastLoaded = Instant.now();
    }

    @Override
    public void failed(Claim claim, String error) {
        of(claim).failed.increment();
        of(claim).lastError = error;
    }

    @Override
    public void skipped(Claim claim, String reason) {
        of(claim).skipped.increment();
    }

    @Override
    public void retried(Claim claim, String error) {
        of(claim).retries.increment();
        of(claim).lastError = error;
    }

    @Override
    public void failedAfterLoad(Claim claim, String error) {
        of(claim).lastError = error;
    }
}
