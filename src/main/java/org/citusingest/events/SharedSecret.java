package org.citusingest.events;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.apache.camel.Message;

/** Whoever knows the secret, which each request brings in the header {@value #HEADER}. */
public final class SharedSecret implements Sender {
    static final String HEADER = "X-Webhook-Secret";

    private final byte[] secret;

    public SharedSecret(String secret) {
        this.secret = secret.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Optional<String> refusal(Message request) {
        if (!(request.getHeader(HEADER) instanceof String brought)) {
            return Optional.of("it has no header " + HEADER);
        }
        // Takes as long whatever differs.
        return MessageDigest.isEqual(secret, brought.getBytes(StandardCharsets.UTF_8))
                ? Optional.empty()
                : Optional.of("its header " + HEADER + " has another secret");
    }
}
