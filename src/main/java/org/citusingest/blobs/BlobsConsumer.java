package org.citusingest.blobs;

import com.azure.core.http.rest.PagedResponse;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobListDetails;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.ListBlobsOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultScheduledPollConsumerScheduler;
import org.apache.camel.support.ScheduledPollConsumer;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.ClaimGroup;
import org.citusingest.ledger.ClaimSize;
import org.citusingest.ledger.Failpoint;
import org.citusingest.ledger.FoundBlob;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LoadLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers what the container holds, then claims and hands on one blob version after the other, or
 * several small ones at once.
 */
final class BlobsConsumer extends ScheduledPollConsumer implements Sweep {
    private static final Logger LOG = LoggerFactory.getLogger(BlobsConsumer.class);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private final BlobsEndpoint endpoint;
    private final Glob include;
    private final Glob exclude;

    /** A poll, and what a notification wakes, take turns. */
    private final ReentrantLock turn = new ReentrantLock();

    private final AtomicBoolean woken = new AtomicBoolean();

    // Of the poll that is going on, and of those before it: the surroundings failed, and no blob.
    private boolean passing;
    private int passingInARow;
    private long resumeAt = System.nanoTime();

    BlobsConsumer(BlobsEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.include = Glob.of(endpoint.getInclude());
        this.exclude = Glob.of(endpoint.getExclude());
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        endpoint.getComponent().started(this);
    }

    @Override
    protected void doStop() throws Exception {
        endpoint.getComponent().stopped(this);
        super.doStop();
    }

    @Override
    protected int poll() {
        turn.lock();
        try {
            if (System.nanoTime() < resumeAt) {
                return 0;
            }
            register();
            return loadWaiting();
        } finally {
            turn.unlock();
        }
    }

    /** Loads what the ledger has, without a look at the container. */
    void claim() {
        if (!isStartScheduler() || !woken.compareAndSet(false, true)) {
            // Whoever was woken before and has not begun will see it too.
            return;
        }
        endpoint.getComponent().wakeThreads().execute(this::claimWoken);
    }

    private void claimWoken() {
        turn.lock();
        try {
            woken.set(false);
            if (System.nanoTime() >= resumeAt && goesOn()) {
                loadWaiting();
            }
        } catch (RuntimeException e) {
            // The next poll says what is wrong, if it still is.
            LOG.debug("{} was woken in vain", getRouteId(), e);
        } finally {
            turn.unlock();
        }
    }

    @Override
    public BlobsEndpoint getEndpoint() {
        return endpoint;
    }

    /** Polls now, whatever the schedule is. */
    void sweep() {
        if (goesOn()) {
            poll();
        }
    }

    /** Whether this loads such a blob. */
    boolean takes(String container, String blob) {
        return endpoint.getContainer().equals(container)
                && goesOn()
                && (include.isEmpty() || include.matches(blob))
                && !exclude.matches(blob);
    }

    /** Registers a blob that an event has told of, and as it is now. */
    void register(FoundBlob blob, Instant eventAt) {
        BlobContainerClient container = endpoint.containerClient();
        boolean unknown =
                endpoint.getComponent()
                        .ledger()
                        .register(
                                getRouteId(),
                                container.getAccountName(),
                                container.getBlobContainerName(),
                                blob,
                                eventAt);
        endpoint.told(unknown);
    }

    private int loadWaiting() {
        Ledger ledger = endpoint.getComponent().ledger();
        BlobContainerClient container = endpoint.containerClient();
        int loads = 0;
        passing = false;
        while (!passing && goesOn()) {
            List<Claim> claims =
                    ledger.claim(
                            getRouteId(),
                            container.getAccountName(),
                            container.getBlobContainerName(),
                            endpoint.getMaxAttempts(),
                            endpoint.getOnOverwrite(),
                            new ClaimSize(endpoint.getBatchFiles(), endpoint.getBatchBytes()));
            if (claims.isEmpty()) {
                break;
            }
            claims.forEach(claim -> endpoint.claimed(claim.sizeBytes()));
            load(ledger, container, claims);
            loads += claims.size();
        }
        return loads;
    }

    @Override
    public void sweepNow() {
        if (!(getScheduler() instanceof DefaultScheduledPollConsumerScheduler scheduler)
                || scheduler.getScheduledExecutorService() == null) {
            throw new UnsupportedOperationException(
                    "The route %s has a scheduler of its own, which alone can start a poll"
                            .formatted(getRouteId()));
        }
        // On the one thread that polls, so that there are never two polls at once.
        scheduler
                .getScheduledExecutorService()
                .execute(
                        () -> {
                            resumeAt = System.nanoTime();
                            run();
                        });
    }

    private boolean goesOn() {
        return isRunAllowed() && !isSuspendingOrSuspended() && !isStoppingOrStopped();
    }

    private void register() {
        Ledger ledger = endpoint.getComponent().ledger();
        BlobContainerClient container = endpoint.containerClient();
        ListBlobsOptions options =
                new ListBlobsOptions()
                        .setMaxResultsPerPage(endpoint.getPageSize())
                        .setDetails(new BlobListDetails().setRetrieveMetadata(true));
        if (!include.prefix().isEmpty()) {
            options.setPrefix(include.prefix());
        }
        try {
            for (PagedResponse<BlobItem> page :
                    container.listBlobs(options, null).iterableByPage()) {
                List<FoundBlob> found =
                        page.getValue().stream()
                                .filter(
                                        blob ->
                                                include.isEmpty()
                                                        || include.matches(blob.getName()))
                                .filter(blob -> !exclude.matches(blob.getName()))
                                .map(Listed::found)
                                .toList();
                int unknown =
                        ledger.register(
                                getRouteId(),
                                container.getAccountName(),
                                container.getBlobContainerName(),
                                found);
                endpoint.listed(page.getValue().size(), unknown);
            }
        } catch (BlobStorageException e) {
            throw new StorageException(BlobFailure.describe(e, endpoint.getContainer()), e);
        }
    }

    /**
     * Loads them in one exchange. When that fails by one of them, each half is loaded by itself,
     * until it is found: the others do not share its fate.
     */
    private void load(Ledger ledger, BlobContainerClient container, List<Claim> claims) {
        if (claims.size() == 1) {
            load(ledger, container, claims.get(0));
            return;
        }
        List<Claim> left = loadTogether(ledger, container, claims);
        int half = (left.size() + 1) / 2;
        for (List<Claim> part : List.of(left.subList(0, half), left.subList(half, left.size()))) {
            if (!goesOn()) {
                part.forEach(claim -> release(ledger, claim));
            } else if (!part.isEmpty()) {
                load(ledger, container, part);
            }
        }
    }

    /** Those of them that are to be loaded again in parts. */
    private List<Claim> loadTogether(
            Ledger ledger, BlobContainerClient container, List<Claim> claims) {
        Exchange exchange = createExchange(false);
        BlobGroup blobs =
                new BlobGroup(claims.stream().map(claim -> reference(container, claim)).toList());
        try {
            Failpoint.AFTER_CLAIM.reach();
            exchange.getIn().setBody(blobs);
            exchange.getIn().setHeader(BlobsConstants.BLOBS, claims.size());
            exchange.setProperty(Claim.PROPERTY, new ClaimGroup(claims));
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        try {
            return finish(ledger, container, claims, exchange);
        } finally {
            blobs.close();
            releaseExchange(exchange, false);
        }
    }

    private List<Claim> finish(
            Ledger ledger, BlobContainerClient container, List<Claim> claims, Exchange exchange) {
        Exception failure = exchange.getException();
        if (failure == null) {
            passingInARow = 0;
            claims.forEach(ledger::finishEmpty);
            return List.of();
        }
        List<Claim> left = claims.stream().filter(ledger::holds).toList();
        if (left.isEmpty()) {
            endpoint.failed();
            noteAfterLoad(ledger, claims, exchange);
        } else if (passing || isStoppingOrStopped() || BlobFailure.isPassing(failure)) {
            left.forEach(claim -> finish(ledger, claim, url(container, claim), exchange));
        } else {
            LOG.debug("{} loads failed together", claims.size(), failure);
            return left;
        }
        return List.of();
    }

    private static String url(BlobContainerClient container, Claim claim) {
        return container.getBlobClient(claim.blob()).getBlobUrl();
    }

    private void load(Ledger ledger, BlobContainerClient container, Claim claim) {
        Exchange exchange = createExchange(false);
        try {
            Failpoint.AFTER_CLAIM.reach();
            prepare(exchange, container, claim);
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        try {
            finish(ledger, claim, url(container, claim), exchange);
        } finally {
            releaseExchange(exchange, false);
        }
    }

    private void prepare(Exchange exchange, BlobContainerClient container, Claim claim) {
        Message message = exchange.getIn();
        message.setBody(reference(container, claim));
        message.setHeader(BlobsConstants.ACCOUNT, claim.account());
        message.setHeader(BlobsConstants.CONTAINER, claim.container());
        message.setHeader(BlobsConstants.BLOB, claim.blob());
        message.setHeader(BlobsConstants.ETAG, claim.etag());
        message.setHeader(BlobsConstants.SIZE, claim.sizeBytes());
        message.setHeader(BlobsConstants.ATTEMPT, claim.attempt());
        message.setHeader(BlobsConstants.LOAD_KEY, claim.key());
        exchange.setProperty(Claim.PROPERTY, claim);
    }

    private BlobReference reference(BlobContainerClient container, Claim claim) {
        return new BlobReference(
                container.getBlobClient(claim.blob()),
                claim.etag(),
                claim.sizeBytes(),
                endpoint.getReadAhead(),
                endpoint.getComponent().readThreads(),
                endpoint::read);
    }

    /**
     * Writes to the ledger what came of the load, as far as a step of the route has not done so.
     */
    private void finish(Ledger ledger, Claim claim, String url, Exchange exchange) {
        Exception failure = exchange.getException();
        if (failure == null) {
            passingInARow = 0;
            // A route that copies no rows has done its work too.
            ledger.finishEmpty(claim);
            return;
        }
        endpoint.failed();
        Failpoint.BEFORE_OUTCOME.reach();
        String error = BlobFailure.oneLine(failure);
        LOG.debug("load={} failed", claim.id(), failure);
        Optional<String> gone = BlobFailure.gone(failure, url);
        if (isStoppingOrStopped()) {
            if (release(ledger, claim)) {
                return;
            }
        } else if (gone.isPresent()) {
            if (ledger.discard(claim, gone.get())) {
                ledger.observers().skipped(claim, gone.get());
                return;
            }
        } else if (BlobFailure.isPermanent(failure)
                || (claim.attempt() >= endpoint.getMaxAttempts() && isCounted(failure))) {
            if (ledger.fail(claim, error)) {
                ledger.observers().failed(claim, error);
                return;
            }
        } else if (retry(ledger, claim, failure, error)) {
            return;
        }
        noteAfterLoad(ledger, List.of(claim), exchange);
    }

    /** They were not being loaded any more: their rows were published before the failure. */
    private static void noteAfterLoad(Ledger ledger, List<Claim> claims, Exchange exchange) {
        String error = BlobFailure.oneLine(exchange.getException());
        // Once for all of them.
        Optional<String> step =
                exchange.getMessage().getBody() instanceof String text
                        ? Optional.of(text)
                        : Optional.empty();
        for (Claim claim : claims) {
            if (ledger.noteAfterLoad(claim, error, step)) {
                ledger.observers().failedAfterLoad(claim, error);
                step = Optional.empty();
            }
        }
    }

    /**
     * An outage is no attempt at loading a blob, however long it lasts. Where nobody polls again by
     * a schedule it is one, so that the poll ends.
     */
    private boolean isCounted(Exception failure) {
        return !isStartScheduler() || !BlobFailure.isPassing(failure);
    }

    /** What was broken off has not failed, and others may have it at once. */
    private boolean release(Ledger ledger, Claim claim) {
        if (!ledger.retry(claim, Duration.ZERO, "released: its route was stopped", false)) {
            return false;
        }
        LOG.warn(
                "load={} source={} did not end in time before its route was stopped, and is left to others",
                claim.id(),
                LoadLog.printable(claim.source()));
        return true;
    }

    private boolean retry(Ledger ledger, Claim claim, Exception failure, String error) {
        boolean counted = isCounted(failure);
        if (!counted && !passing) {
            passingInARow++;
        }
        int failures = counted ? claim.attempt() : passingInARow;
        Duration after = Duration.ofMillis(endpoint.getRetryDelay() << Math.min(failures - 1, 10));
        if (!counted) {
            // The next blob would fare no better.
            passing = true;
            after = after.compareTo(LONGEST_PAUSE) < 0 ? after : LONGEST_PAUSE;
            resumeAt = System.nanoTime() + after.toNanos();
        }
        if (!ledger.retry(claim, after, error, counted)) {
            return false;
        }
        LOG.warn(
                "load={} source={} is tried again in {} s: {}",
                claim.id(),
                LoadLog.printable(claim.source()),
                after.toSeconds(),
                error);
        return true;
    }
}
