package org.citusingest.monitoring;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** A check of ours among Camel's, that answers at once and asks no more often than it must. */
final class CachedCheck extends AbstractHealthCheck {
    static final String GROUP = "citus-ingest";
    static final String REASON = "reason";

    private static final Verdict NO_ANSWER =
            Verdict.down("no-answer", "there is no answer in time");

    private final Cached<Verdict> verdict;
    private final boolean readiness;

    /**
     * @param readiness whether the process cannot do its work while it is DOWN
     */
    CachedCheck(
            String name,
            boolean readiness,
            Supplier<Verdict> look,
            Duration keep,
            Executor executor) {
        super(GROUP, name);
        this.readiness = readiness;
        verdict = new Cached<>(look, keep, executor);
    }

    /** Begins to look, so that several checks are waited for together. */
    void begin() {
        verdict.begin();
    }

    Verdict verdict() {
        return verdict.get().orElse(NO_ANSWER);
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    public boolean isReadiness() {
        return readiness;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        Verdict found = verdict();
        builder.message(found.text());
        if (found.up()) {
            builder.up();
        } else {
            builder.detail(REASON, found.reason());
            builder.down();
        }
    }
}
