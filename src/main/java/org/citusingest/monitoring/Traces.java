package org.citusingest.monitoring;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.EventNotifierSupport;
import org.citusingest.citus.CitusConstants;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.ClaimGroup;
import org.citusingest.ledger.LoadObserver;

/**
 * A trace for each load, with a span for each piece of its work. The environment variables of
 * OpenTelemetry say who is to have it. No attribute is the name of a blob or a message of a server.
 */
final class Traces implements LoadObserver, AutoCloseable {
    private static final AttributeKey<String> PIPELINE =
            AttributeKey.stringKey("citus_ingest.pipeline");
    private static final AttributeKey<Long> LOAD = AttributeKey.longKey("citus_ingest.load");
    private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("citus_ingest.attempt");
    private static final AttributeKey<Long> ROWS = AttributeKey.longKey("citus_ingest.rows");
    private static final AttributeKey<Long> REJECTED =
            AttributeKey.longKey("citus_ingest.rejected_rows");
    private static final AttributeKey<Long> BYTES = AttributeKey.longKey("citus_ingest.bytes");

    private final OpenTelemetrySdk sdk;
    private final Tracer tracer;
    private final Map<Long, Span> loads = new ConcurrentHashMap<>();
    private final Map<Long, Span> published = new ConcurrentHashMap<>();

    Traces(OpenTelemetrySdk sdk) {
        this.sdk = sdk;
        tracer = sdk.getTracer("org.citusingest");
    }

    /** As the environment says; by HTTP unless it says otherwise, and nothing but traces. */
    static Traces ofEnvironment() {
        return new Traces(
                AutoConfiguredOpenTelemetrySdk.builder()
                        .disableShutdownHook()
                        .addPropertiesSupplier(
                                () ->
                                        Map.of(
                                                "otel.service.name", "citus-ingest",
                                                "otel.exporter.otlp.protocol", "http/protobuf",
                                                "otel.metrics.exporter", "none",
                                                "otel.logs.exporter", "none"))
                        .build()
                        .getOpenTelemetrySdk());
    }

    /** Adds the summaries, which are steps of routes. */
    void show(CamelContext context) {
        context.getManagementStrategy().addEventNotifier(new Summaries());
    }

    @Override
    public void claimed(Claim claim) {
        Span span =
                tracer.spanBuilder("load")
                        .setNoParent()
                        .setAttribute(PIPELINE, claim.pipeline())
                        .setAttribute(LOAD, claim.id())
                        .setAttribute(ATTEMPT, (long) claim.attempt())
                        .setAttribute(BYTES, claim.sizeBytes())
                        .startSpan();
        end(loads.put(claim.id(), span));
    }

    @Override
    public void worked(List<Claim> claims, Work work) {
        for (Claim claim : claims) {
            Span load = loads.get(claim.id());
            if (load != null) {
                child(
                        load,
                        work.kind().name().toLowerCase(Locale.ROOT),
                        work.startNanos(),
                        work.endNanos(),
                        work.rows(),
                        work.bytes());
            }
        }
    }

    private void child(Span load, String name, long start, long end, long rows, long bytes) {
        long clock = calendar() - System.nanoTime();
        SpanBuilder builder =
                tracer.spanBuilder(name)
                        .setParent(Context.root().with(load))
                        .setStartTimestamp(clock + start, TimeUnit.NANOSECONDS);
        if (rows > 0) {
            builder.setAttribute(ROWS, rows);
        }
        if (bytes > 0) {
            builder.setAttribute(BYTES, bytes);
        }
        builder.startSpan().end(clock + end, TimeUnit.NANOSECONDS);
    }

    /** Nanoseconds since 1970. */
    private static long calendar() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /** The summary that may follow is a part of it: it ends with its exchange. */
    @Override
    public void loaded(Claim claim, long rows, long rejected, double seconds) {
        Span span = loads.remove(claim.id());
        if (span != null) {
            span.setAttribute(ROWS, rows).setAttribute(REJECTED, rejected);
            end(published.put(claim.id(), span));
        }
    }

    @Override
    public void failed(Claim claim, String error) {
        ended(claim, "failed");
    }

    @Override
    public void skipped(Claim claim, String reason) {
        ended(claim, "skipped");
    }

    @Override
    public void retried(Claim claim, String error) {
        ended(claim, "retried");
    }

    private void ended(Claim claim, String how) {
        Span span = loads.remove(claim.id());
        if (span != null) {
            end(span.setStatus(StatusCode.ERROR, how));
        }
    }

    private static void end(Span span) {
        if (span != null) {
            span.end();
        }
    }

    @Override
    public void close() {
        published.values().forEach(Span::end);
        loads.values().forEach(Span::end);
        sdk.close();
    }

    /** Hears of the steps after a load, and of the end of its exchange. */
    private final class Summaries extends EventNotifierSupport {
        @Override
        public boolean isEnabled(CamelEvent event) {
            // Camel tells that an exchange was sent only to who hears that it is being sent.
            return event instanceof CamelEvent.ExchangeSendingEvent
                    || event instanceof CamelEvent.ExchangeSentEvent
                    || event instanceof CamelEvent.ExchangeCompletedEvent
                    || event instanceof CamelEvent.ExchangeFailedEvent;
        }

        @Override
        public void notify(CamelEvent event) {
            Exchange exchange = ((CamelEvent.ExchangeEvent) event).getExchange();
            for (Long load : loads(exchange)) {
                if (event instanceof CamelEvent.ExchangeSentEvent sent) {
                    summary(published.get(load), sent);
                } else if (!(event instanceof CamelEvent.ExchangeSendingEvent)) {
                    end(published.remove(load));
                }
            }
        }

        /** The ids of its loads; of a source that claims none, by what citus: says of the load. */
        private List<Long> loads(Exchange exchange) {
            Object claimed = exchange.getProperty(Claim.PROPERTY);
            if (claimed instanceof ClaimGroup group) {
                return group.claims().stream().map(Claim::id).toList();
            }
            if (claimed instanceof Claim one) {
                return List.of(one.id());
            }
            Object loaded = exchange.getMessage().getHeader(CitusConstants.LOAD_ID);
            return loaded instanceof Long id ? List.of(id) : List.of();
        }

        private void summary(Span load, CamelEvent.ExchangeSentEvent sent) {
            String uri = sent.getEndpoint().getEndpointUri();
            if (load != null && uri.matches("(?s)(jdbc|sql|sql-stored):.*")) {
                long now = System.nanoTime();
                long from = now - TimeUnit.MILLISECONDS.toNanos(sent.getTimeTaken());
                child(load, "summary", from, now, 0, 0);
            }
        }
    }
}
