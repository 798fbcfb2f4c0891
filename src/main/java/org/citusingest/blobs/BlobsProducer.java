package org.citusingest.blobs;

import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.models.BlobStorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.support.DefaultProducer;
import org.citusingest.events.BlobEvent;
import org.citusingest.events.BlobEventException;
import org.citusingest.events.BlobEvents;
import org.citusingest.ledger.FoundBlob;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the running consumers of {@code blobs:} what others know: that a blob has come, or that it
 * is time to look. Nothing of it is a header: whoever sends an event decides no more than what is
 * in it.
 */
final class BlobsProducer extends DefaultProducer {
    private static final Logger LOG = LoggerFactory.getLogger(BlobsProducer.class);

    private static final int NOT_FOUND = 404;

    private final BlobsEndpoint endpoint;

    BlobsProducer(BlobsEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public void process(Exchange exchange) throws InvalidPayloadException {
        switch (endpoint.getOperation()) {
            case register -> register(exchange.getIn().getMandatoryBody(byte[].class));
            case sweep -> sweep();
        }
    }

    private void sweep() {
        for (BlobsConsumer consumer : endpoint.getComponent().consumers()) {
            if (endpoint.covers(consumer.getEndpoint().getContainer())) {
                consumer.sweep();
            }
        }
    }

    /** The good ones of a message are registered, whatever the others are. */
    private void register(byte[] message) {
        BlobEvents events = BlobEvents.of(message);
        List<String> refused = new ArrayList<>(events.refused());
        for (BlobEvent event : events.events()) {
            try {
                register(event);
            } catch (BlobEventException e) {
                refused.add(e.getMessage());
            }
        }
        if (!refused.isEmpty()) {
            throw new BlobEventException(String.join("; ", refused));
        }
    }

    private void register(BlobEvent event) {
        BlobServiceClient client = endpoint.getComponent().client();
        if (!client.getAccountName().equals(event.account())) {
            throw new BlobEventException(
                    "it is of the storage account %s, and this reads %s"
                            .formatted(event.account(), client.getAccountName()));
        }
        List<BlobsConsumer> takers =
                endpoint.getComponent().consumers().stream()
                        .filter(consumer -> endpoint.covers(event.container()))
                        .filter(consumer -> consumer.takes(event.container(), event.blob()))
                        .toList();
        if (takers.isEmpty()) {
            // One subscription tells of all containers of an account.
            LOG.debug("No route here takes {}/{}", event.container(), event.blob());
            return;
        }
        // Whatever the event says of it, what counts is what is there now.
        Optional<FoundBlob> found = find(client, event);
        found.ifPresent(blob -> takers.forEach(taker -> taker.register(blob, event.time())));
    }

    private Optional<FoundBlob> find(BlobServiceClient client, BlobEvent event) {
        try {
            return Optional.of(
                    Listed.found(
                            event.blob(),
                            client.getBlobContainerClient(event.container())
                                    .getBlobClient(event.blob())
                                    .getProperties()));
        } catch (BlobStorageException e) {
            if (e.getStatusCode() == NOT_FOUND) {
                return Optional.empty();
            }
            throw new StorageException(BlobFailure.oneLine(e), e);
        } catch (RuntimeException e) {
            throw new StorageException(
                    "The storage account cannot be reached: " + BlobFailure.oneLine(e), e);
        }
    }
}
