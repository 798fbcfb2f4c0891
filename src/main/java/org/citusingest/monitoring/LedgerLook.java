package org.citusingest.monitoring;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LedgerException;
import org.citusingest.ledger.PipelineRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the ledger has of the pipelines that run, looked up by one statement and kept for a while.
 */
final class LedgerLook {
    private static final Logger LOG = LoggerFactory.getLogger(LedgerLook.class);
    private static final Duration KEEP = Duration.ofSeconds(5);

    private final Cached<Optional<List<PipelineRecord>>> records;

    /**
     * @param pipelines the ids of those that run
     */
    LedgerLook(Ledger ledger, Supplier<Collection<String>> pipelines, Executor executor) {
        records = new Cached<>(() -> read(ledger, pipelines.get()), KEEP, executor);
    }

    private static Optional<List<PipelineRecord>> read(Ledger ledger, Collection<String> ids) {
        try {
            return Optional.of(
                    ledger.versionAside() == ledger.knownVersion()
                            ? ledger.pipelines(ids)
                            : List.of());
        } catch (LedgerException e) {
            LOG.debug("The ledger cannot be looked into", e);
            return Optional.empty();
        }
    }

    /** By the ids of the pipelines; empty where the ledger cannot be read. */
    Optional<Map<String, PipelineRecord>> pipelines() {
        return records.get()
                .flatMap(Function.identity())
                .map(
                        all ->
                                all.stream()
                                        .collect(
                                                Collectors.toMap(
                                                        PipelineRecord::pipeline,
                                                        Function.identity())));
    }
}
