package org.citusingest.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes blob events by HTTP, as the one step of a route from {@code platform-http:}, and hands them
 * on to an endpoint that registers them.
 *
 * <p>Event Grid drops an event that is answered with 400, 401, 403, 404 or 413. So whatever may be
 * mended, such as a database that is down, is answered with 503, and comes again.
 */
public final class Webhook implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);

    /** Event Grid sends at most one MiB at once. */
    static final int MOST_BYTES = 2 << 20;

    private static final int RETRY_SECONDS = 30;
    private final Sender sender;
    private final Handshake handshake;
    private final Rate requests;
    private final Rate warnings = new Rate(1, System::nanoTime);
    private final String register;

    /**
     * @param sender whose events are taken
     * @param account the storage account whose events are wanted
     * @param perSecond how many requests are taken in a second
     * @param register the URI of the endpoint that registers the blobs of a body
     */
    public Webhook(Sender sender, String account, int perSecond, String register) {
        this.sender = sender;
        this.handshake = new Handshake(account, perSecond);
        this.requests = new Rate(perSecond, System::nanoTime);
        this.register = register;
    }

    @Override
    public void process(Exchange exchange) {
        Answer answer;
        try {
            answer = answer(exchange);
        } catch (UnprovenException e) {
            answer = later(e);
        }
        answer.write(exchange.getMessage());
    }

    private Answer answer(Exchange exchange) {
        Message request = exchange.getIn();
        if (!requests.take()) {
            return Answer.later(429, 1);
        }
        String method = request.getHeader(Exchange.HTTP_METHOD, "", String.class);
        if (Handshake.isOptions(method)) {
            return handshake.options(request).orElse(Answer.of(401));
        }
        byte[] body = request.getBody(byte[].class);
        if (!"POST".equals(method) || body == null) {
            return refused("it is no POST");
        }
        if (body.length > MOST_BYTES) {
            return Answer.of(413);
        }
        Optional<JsonNode> json = parse(body);
        Optional<Answer> asked = json.flatMap(handshake::validation);
        if (asked.isPresent()) {
            return asked.get();
        }
        Optional<String> refusal = sender.refusal(request);
        if (refusal.isPresent()) {
            return refused(refusal.get());
        }
        if (json.isEmpty()) {
            LOG.warn("A blob event was dropped: its body is not JSON");
            return Answer.of(400);
        }
        return register(exchange, body);
    }

    private static Optional<JsonNode> parse(byte[] body) {
        try {
            return Optional.of(BlobEvents.json(body));
        } catch (BlobEventException e) {
            return Optional.empty();
        }
    }

    private Answer register(Exchange exchange, byte[] body) {
        Exception failure = send(exchange.getContext(), body);
        if (failure == null) {
            return Answer.of(200);
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BlobEventException) {
                LOG.warn("A blob event was dropped: {}", cause.getMessage());
                return Answer.of(400);
            }
        }
        return later(failure);
    }

    /** Of the request there is nothing but the body: headers may stand for options elsewhere. */
    private Exception send(CamelContext context, byte[] body) {
        try (ProducerTemplate template = context.createProducerTemplate()) {
            return template.send(register, message -> message.getIn().setBody(body)).getException();
        } catch (IOException e) {
            return e;
        }
    }

    /** It may be another time. */
    private Answer later(Exception failure) {
        if (warnings.take()) {
            LOG.warn("Blob events cannot be taken now, they come again: {}", failure.getMessage());
        }
        LOG.debug("Blob events cannot be taken now", failure);
        return Answer.later(503, RETRY_SECONDS);
    }

    /** Says no more than that to whoever it is; the log says why, but may not be flooded. */
    private Answer refused(String why) {
        if (warnings.take()) {
            LOG.warn("A request to the webhook was refused: {}", why);
        }
        return Answer.of(401);
    }
}
