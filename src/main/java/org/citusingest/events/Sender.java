package org.citusingest.events;

import java.util.Optional;
import org.apache.camel.Message;

/** Who may send events, and how that is proven. */
public sealed interface Sender permits SharedSecret, EntraToken {
    /**
     * Why a request is not of this sender; empty when it is.
     *
     * @throws UnprovenException when it cannot be told now
     */
    Optional<String> refusal(Message request);
}
