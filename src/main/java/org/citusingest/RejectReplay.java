package org.citusingest;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.citusingest.blobs.BlobsConstants;
import org.citusingest.citus.CitusConstants;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LoadRecord;
import org.citusingest.ledger.RejectedRow;
import org.citusingest.ledger.Replay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the rejected rows of a load through the route of its pipeline, as a load of its own. */
final class RejectReplay {
    private static final Logger LOG = LoggerFactory.getLogger(RejectReplay.class);

    private final Ledger ledger;
    private final PipelineRoute route;

    RejectReplay(Ledger ledger, PipelineRoute route) {
        this.ledger = ledger;
        this.route = route;
    }

    LoadRecord run(LoadRecord load, Optional<Path> file) throws Exception {
        if (file.isPresent() && !Files.isReadable(file.get())) {
            throw new IllegalArgumentException(
                    "The file %s cannot be read: nothing was done".formatted(file.get()));
        }
        if (file.isPresent() && Files.size(file.get()) == 0) {
            throw new IllegalArgumentException(
                    "The file %s is empty, without even a header: nothing was done"
                            .formatted(file.get()));
        }
        Consumer consumer = route.consumer();
        Replay replay = ledger.openReplay(load.id());
        Claim claim = replay.claim();
        Exchange exchange = consumer.createExchange(false);
        try {
            try {
                prepare(exchange.getMessage(), replay, file);
                exchange.setProperty(Claim.PROPERTY, claim);
                consumer.getProcessor().process(exchange);
            } catch (Exception e) {
                exchange.setException(e);
            }
            finish(claim, exchange);
        } finally {
            consumer.releaseExchange(exchange, false);
        }
        return ledger.load(claim.id()).orElseThrow();
    }

    private void prepare(Message message, Replay replay, Optional<Path> file) throws IOException {
        Claim claim = replay.claim();
        if (file.isPresent()) {
            File corrected = file.get().toFile();
            message.setBody(corrected);
            message.setHeader(BlobsConstants.SIZE, corrected.length());
        } else {
            byte[] rows = bytes(replay);
            message.setBody(rows);
            message.setHeader(BlobsConstants.SIZE, (long) rows.length);
        }
        message.setHeader(CitusConstants.LOAD_KEY, claim.key());
        if (!claim.container().isEmpty()) {
            message.setHeader(BlobsConstants.ACCOUNT, claim.account());
            message.setHeader(BlobsConstants.CONTAINER, claim.container());
            message.setHeader(BlobsConstants.BLOB, claim.blob());
            message.setHeader(BlobsConstants.ETAG, claim.etag());
            message.setHeader(BlobsConstants.ATTEMPT, claim.attempt());
        }
    }

    /** The rows below the header of their source: a source of the same form. */
    private static byte[] bytes(Replay replay) {
        ByteArrayOutputStream source = new ByteArrayOutputStream();
        source.writeBytes(replay.header());
        for (RejectedRow row : replay.rows()) {
            if (source.size() > 0) {
                source.write('\n');
            }
            source.writeBytes(row.raw());
        }
        return source.toByteArray();
    }

    /** Writes to the ledger what came of it, as far as a step of the route has not done so. */
    private void finish(Claim claim, Exchange exchange) {
        Exception failure = exchange.getException();
        boolean published = ledger.published(claim);
        if (failure != null) {
            LOG.debug("load={} failed", claim.id(), failure);
            if (published) {
                Optional<String> step =
                        Optional.ofNullable(exchange.getMessage().getBody())
                                .filter(String.class::isInstance)
                                .map(String.class::cast);
                ledger.noteAfterLoad(claim, Failure.oneLine(failure), step);
            } else {
                ledger.fail(claim, Failure.oneLine(failure));
            }
        } else if (!published) {
            ledger.fail(
                    claim,
                    "The route %s has ended without loading the rows: does a step filter them or hide an error?"
                            .formatted(route.id()));
        }
    }
}
