package org.citusingest.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.camel.Message;

/**
 * How Event Grid asks, before it sends events to an address, whether they are wanted there. Nothing
 * is proven of who asks: headers of one's own come with events only. So only what is about this
 * storage account is answered, and no address in it is ever called.
 *
 * @see <a
 *     href="https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema">
 *     Endpoint validation, Event Grid schema</a>
 * @see <a href="https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection">
 *     CloudEvents, abuse protection</a>
 */
final class Handshake {
    private static final String ORIGIN = "WebHook-Request-Origin";
    private static final String EVENT_GRID = "eventgrid.azure.net";
    private static final String VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent";
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9-]{1,128}");

    private final String topic;
    private final int perMinute;

    /**
     * @param account the storage account whose events are wanted
     * @param perSecond how many requests are taken in a second
     */
    Handshake(String account, int perSecond) {
        topic = "/providers/microsoft.storage/storageaccounts/" + account.toLowerCase(Locale.ROOT);
        perMinute = perSecond * 60;
    }

    /** Whether this asks by the way of CloudEvents. */
    static boolean isOptions(String method) {
        return "OPTIONS".equals(method);
    }

    /** The answer to the question of CloudEvents; empty when it is not Event Grid's. */
    Optional<Answer> options(Message request) {
        if (!EVENT_GRID.equals(request.getHeader(ORIGIN))) {
            return Optional.empty();
        }
        return Optional.of(
                new Answer(
                        200,
                        Map.of(
                                "WebHook-Allowed-Origin",
                                EVENT_GRID,
                                "WebHook-Allowed-Rate",
                                String.valueOf(perMinute)),
                        ""));
    }

    /** The answer to the question of the Event Grid schema; empty when the body is none. */
    Optional<Answer> validation(JsonNode body) {
        if (!body.isArray() || body.size() != 1) {
            return Optional.empty();
        }
        JsonNode event = body.get(0);
        String code = event.path("data").path("validationCode").asText();
        if (!VALIDATION.equals(event.path("eventType").asText())
                || !event.path("topic").asText().toLowerCase(Locale.ROOT).endsWith(topic)
                || !CODE.matcher(code).matches()) {
            return Optional.empty();
        }
        return Optional.of(
                new Answer(
                        200,
                        Map.of("Content-Type", "application/json"),
                        "{\"validationResponse\":\"" + code + "\"}"));
    }
}
