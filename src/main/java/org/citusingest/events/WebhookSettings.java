package org.citusingest.events;

import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.camel.spi.PropertiesComponent;

/**
 * Where the webhook listens, and whose events it takes.
 *
 * @param perSecond how many requests are taken in a second
 */
public record WebhookSettings(String host, int port, int perSecond, Sender sender) {
    private static final int DEFAULT_PORT = 8080;
    private static final int DEFAULT_RATE = 50;
    private static final int LEAST_SECRET = 16;
    private static final Pattern TENANT =
            Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    /**
     * Reads and checks the settings; empty when no sender is set, so that nothing is served.
     *
     * @throws IllegalArgumentException if a setting is wrong; the message is one line
     */
    public static Optional<WebhookSettings> of(PropertiesComponent properties) {
        return sender(properties)
                .map(
                        sender ->
                                new WebhookSettings(
                                        text(properties, "webhook.host").orElse("127.0.0.1"),
                                        number(properties, "port", DEFAULT_PORT, 65_535),
                                        number(properties, "rate", DEFAULT_RATE, 10_000),
                                        sender));
    }

    private static Optional<Sender> sender(PropertiesComponent properties) {
        Optional<String> secret = text(properties, "webhook.secret");
        Optional<String> tenant = text(properties, "webhook.tenant");
        if (secret.isPresent() && tenant.isPresent()) {
            throw new IllegalArgumentException(
                    "webhook.secret (WEBHOOK_SECRET) and webhook.tenant (WEBHOOK_TENANT) are both set: set the one that senders are to prove");
        }
        if (tenant.isPresent()) {
            return Optional.of(token(properties, tenant.get()));
        }
        if (secret.isPresent() && secret.get().length() < LEAST_SECRET) {
            throw new IllegalArgumentException(
                    "webhook.secret (WEBHOOK_SECRET) is too short; it must have at least %d characters"
                            .formatted(LEAST_SECRET));
        }
        return secret.map(SharedSecret::new);
    }

    private static Sender token(PropertiesComponent properties, String tenant) {
        if (!TENANT.matcher(tenant).matches()) {
            throw new IllegalArgumentException(
                    "webhook.tenant (WEBHOOK_TENANT) is '%s'; it must be the id of the tenant, in lower case"
                            .formatted(tenant));
        }
        String audience =
                text(properties, "webhook.audience")
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                "webhook.audience is not set: set WEBHOOK_AUDIENCE to the id of the application that the event subscription names, or its URI"));
        return new EntraToken(
                text(properties, "webhook.authority").orElse(EntraToken.AUTHORITY),
                tenant,
                audience,
                text(properties, "webhook.application").orElse(EntraToken.EVENT_GRID));
    }

    private static int number(
            PropertiesComponent properties, String name, int otherwise, int most) {
        String text = text(properties, "webhook." + name).orElse(String.valueOf(otherwise));
        try {
            int value = Integer.parseInt(text);
            if (value >= 1 && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw new IllegalArgumentException(
                "webhook.%s (WEBHOOK_%s) is '%s'; it must be a whole number from 1 to %d"
                        .formatted(name, name.toUpperCase(java.util.Locale.ROOT), text, most));
    }

    private static Optional<String> text(PropertiesComponent properties, String key) {
        return properties.resolveProperty(key).map(String::trim).filter(text -> !text.isEmpty());
    }

    /** What makes Camel serve it. */
    public Properties server() {
        Properties server = new Properties();
        server.setProperty("camel.server.enabled", "true");
        server.setProperty("camel.server.host", host);
        server.setProperty("camel.server.port", String.valueOf(port));
        server.setProperty("camel.server.maxBodySize", String.valueOf(Webhook.MOST_BYTES));
        return server;
    }
}
