package org.citusingest.events;

import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.models.QueueStorageException;
import java.util.Optional;
import org.apache.camel.Endpoint;
import org.apache.camel.component.azure.storage.queue.QueueConfiguration;
import org.apache.camel.component.azure.storage.queue.QueueEndpoint;

/**
 * A queue that a route hears events from. Camel's consumer takes one that is missing for one that
 * is empty, so it has to be asked.
 */
public record EventQueue(String name, QueueClient client) {
    /** The queue of an endpoint, where it is one. */
    public static Optional<EventQueue> of(Endpoint endpoint) {
        if (endpoint instanceof QueueEndpoint queue) {
            QueueConfiguration configuration = queue.getConfiguration();
            String name = configuration.getQueueName();
            return Optional.of(
                    new EventQueue(name, configuration.getServiceClient().getQueueClient(name)));
        }
        return Optional.empty();
    }

    /**
     * How many messages are in it, about.
     *
     * @throws QueueStorageException if it is not there, or may not be read
     */
    public long messages() {
        return client.getProperties().getApproximateMessagesCountLong();
    }
}
