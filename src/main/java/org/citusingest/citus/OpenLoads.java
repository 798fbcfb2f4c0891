package org.citusingest.citus;

import java.io.Serial;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.ClaimGroup;
import org.citusingest.ledger.ClaimOutcome;
import org.citusingest.ledger.Ledger;

/**
 * The loads that are open, by the exchange that they belong to: the one that is split, or the one
 * that brings all the rows itself. When that exchange ends and its load has not been published,
 * nothing of it is kept.
 */
final class OpenLoads extends SimpleEventNotifierSupport {
    private final Ledger ledger;
    private final Connector connector;
    private final RejectBlobs rejectBlobs;
    private final Map<String, OpenLoad> open = new ConcurrentHashMap<>();
    private final Set<String> ended = Collections.newSetFromMap(new Recent());

    /**
     * The latest ids: batches of a load that failed may still be on their way, and must not open it
     * again.
     */
    private static final class Recent extends LinkedHashMap<String, Boolean> {
        @Serial private static final long serialVersionUID = 1L;
        private static final int MOST = 10_000;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST;
        }
    }

    OpenLoads(Ledger ledger, Connector connector, RejectBlobs rejectBlobs) {
        this.rejectBlobs = rejectBlobs;
        this.ledger = ledger;
        this.connector = connector;
        // The base class ignores every event that it is not told to hear.
        setIgnoreExchangeEvents(false);
        setIgnoreExchangeCompletedEvent(false);
        setIgnoreExchangeFailedEvents(false);
    }

    /** Whether the exchange is one of the parts of a split. */
    static boolean isPart(Exchange exchange) {
        return exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX) != null;
    }

    /** The id of the exchange that the load belongs to. */
    private static String root(Exchange exchange) {
        return isPart(exchange)
                ? exchange.getProperty(ExchangePropertyKey.CORRELATION_ID, String.class)
                : exchange.getExchangeId();
    }

    /** The load of the exchange, claimed now if this is its first batch. */
    OpenLoad of(Exchange exchange) {
        return open.computeIfAbsent(root(exchange), root -> claim(exchange, root));
    }

    private OpenLoad claim(Exchange exchange, String root) {
        synchronized (ended) {
            if (ended.contains(root)) {
                throw new RouteException(
                        "The load of exchange "
                                + root
                                + " has ended; one exchange is one load: to fill several tables from it, send each"
                                + " batch of a split to all of them");
            }
        }
        Object claimed = exchange.getProperty(Claim.PROPERTY);
        if (claimed instanceof ClaimGroup group) {
            return new ClaimedLoads(group.claims(), ledger, connector, false);
        }
        if (claimed instanceof Claim one) {
            return new ClaimedLoads(List.of(one), ledger, connector, false);
        }
        String key = exchange.getMessage().getHeader(CitusConstants.LOAD_KEY, String.class);
        if (key == null || key.isBlank()) {
            throw new RouteException(
                    "The exchange from "
                            + exchange.getFromEndpoint()
                            + " does not say which load it is, so it could be loaded twice: set the header "
                            + CitusConstants.LOAD_KEY
                            + " to what identifies its source, such as the path and the time of change of a file");
        }
        ClaimOutcome outcome = ledger.claimKey(exchange.getFromRouteId(), key);
        if (outcome instanceof ClaimOutcome.Claimed mine) {
            return new ClaimedLoads(List.of(mine.claim()), ledger, connector, true);
        }
        if (outcome instanceof ClaimOutcome.AlreadyLoaded loaded) {
            return new LoadedBefore(loaded.id());
        }
        ClaimOutcome.Held held = (ClaimOutcome.Held) outcome;
        throw new RouteException(
                "%s is being loaded by %s, whose lease ends at %s: nothing was done; send it again after that"
                        .formatted(key, held.owner(), held.leaseUntil()));
    }

    /**
     * Publishes the load of an exchange whose batches have all been copied.
     *
     * @param batches how many batches its source has; with none of them it is claimed only now
     */
    LoadTotals publish(Exchange root, long batches) throws Exception {
        String id = root.getExchangeId();
        try {
            OpenLoad load = open.computeIfAbsent(id, unused -> claim(root, id));
            LoadTotals totals = load.publish(batches);
            end(root);
            writeRejects(load);
            return totals;
        } catch (Exception e) {
            abort(root, e);
            throw e;
        }
    }

    /** Takes back what the load of this exchange has copied. */
    void abort(Exchange root, Throwable cause) {
        OpenLoad load = end(root);
        if (load != null) {
            load.abort(cause);
            writeRejects(load);
        }
    }

    private void writeRejects(OpenLoad load) {
        if (load instanceof ClaimedLoads claimed && claimed.rejectTo().isPresent()) {
            for (Claim claim : claimed.withRejects()) {
                rejectBlobs.write(claim, claimed.rejectTo().get());
            }
        }
    }

    /** Rolls back whatever is open: the routes have been stopped before it was complete. */
    void abandon() {
        for (OpenLoad load : open.values()) {
            load.abandon();
        }
    }

    private OpenLoad end(Exchange root) {
        synchronized (ended) {
            ended.add(root.getExchangeId());
        }
        return open.remove(root.getExchangeId());
    }

    /** The exchange has ended: a load that is still open was never published. */
    @Override
    public void notify(CamelEvent event) {
        Exchange exchange = ((ExchangeEvent) event).getExchange();
        if (open.containsKey(exchange.getExchangeId())
                && end(exchange) instanceof ClaimedLoads loads) {
            if (exchange.getException() != null) {
                loads.abort(exchange.getException());
            } else {
                loads.reject(
                        "The rows were split into batches and never published, so none is kept: give the split of"
                                + " route "
                                + exchange.getFromRouteId()
                                + " the aggregationStrategy \"#loadResult\"");
            }
        }
    }

    @Override
    public boolean isEnabled(CamelEvent event) {
        return event instanceof CamelEvent.ExchangeCompletedEvent
                || event instanceof CamelEvent.ExchangeFailedEvent;
    }
}
