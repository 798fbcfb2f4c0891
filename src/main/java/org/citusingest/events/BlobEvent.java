package org.citusingest.events;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an event says: that something came to be in a container. It is a claim of somebody's, and no
 * address in it is ever opened.
 *
 * @param account the storage account
 * @param container the container
 * @param blob the name of the blob within it
 * @param time when it happened, by the clock of the storage service
 * @see <a href="https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage">Azure Blob
 *     Storage as an Event Grid source</a>
 */
public record BlobEvent(String account, String container, String blob, Instant time) {
    private static final String STORAGE = "Microsoft.Storage.";
    private static final Pattern TOPIC =
            Pattern.compile(
                    ".*/providers/microsoft\\.storage/storageaccounts/([a-z0-9]{3,24})/?",
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern SUBJECT =
            Pattern.compile(
                    "/blobServices/default/containers/([a-z0-9$](?:-?[a-z0-9])+)/blobs/(.+)",
                    Pattern.DOTALL);

    /**
     * Reads one event, of the Event Grid schema or of CloudEvents 1.0.
     *
     * @return empty where nothing came to be: deletions, and what is told of folders and tiers. The
     *     load of a blob that is deleted before it is read is skipped when its turn comes.
     * @throws BlobEventException if it is no event of blob storage
     */
    static Optional<BlobEvent> of(JsonNode event) {
        boolean cloud = event.has("specversion");
        String type = text(event, cloud ? "type" : "eventType");
        if (!type.startsWith(STORAGE)) {
            throw new BlobEventException(
                    "an event of the type '%s' is none of blob storage".formatted(Quoted.of(type)));
        }
        String location =
                switch (type.substring(STORAGE.length())) {
                    case "BlobCreated" -> "url";
                    case "BlobRenamed" -> "destinationUrl";
                    default -> null;
                };
        if (location == null) {
            return Optional.empty();
        }
        Matcher topic = TOPIC.matcher(text(event, cloud ? "source" : "topic"));
        Matcher subject = SUBJECT.matcher(text(event, "subject"));
        if (!topic.matches() || !subject.matches()) {
            throw new BlobEventException(
                    "its topic '%s' and subject '%s' name no blob of a storage account"
                            .formatted(
                                    Quoted.of(text(event, cloud ? "source" : "topic")),
                                    Quoted.of(text(event, "subject"))));
        }
        String account = topic.group(1).toLowerCase(Locale.ROOT);
        String container = subject.group(1);
        String url = text(event.path("data"), location);
        String blob = blob(url, account, container);
        // Whether the subject is percent-encoded is not said anywhere.
        if (!subject.group(2).equals(blob) && !url.endsWith("/" + subject.group(2))) {
            throw new BlobEventException(
                    "its subject '%s' and its URL name two blobs"
                            .formatted(Quoted.of(text(event, "subject"))));
        }
        return Optional.of(
                new BlobEvent(
                        account, container, blob, time(text(event, cloud ? "time" : "eventTime"))));
    }

    /** The name in the URL, which must be one of the account and the container. */
    private static String blob(String text, String account, String container) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            throw new BlobEventException("its URL '%s' is none".formatted(Quoted.of(text)));
        }
        String host = url.getHost() == null ? "" : url.getHost().toLowerCase(Locale.ROOT);
        // An emulator has the account in the path.
        String path = url.getPath() == null ? "" : url.getPath();
        String within = "/" + container + "/";
        String emulated = "/" + account + within;
        boolean ofAccount = host.startsWith(account + ".");
        boolean ofEmulator = path.startsWith(emulated);
        String prefix = ofAccount ? within : emulated;
        if (!("https".equals(url.getScheme()) || ("http".equals(url.getScheme()) && ofEmulator))
                || url.getRawUserInfo() != null
                || url.getRawQuery() != null
                || url.getRawFragment() != null
                || !(ofAccount || ofEmulator)
                || !path.startsWith(prefix)
                || path.length() == prefix.length()) {
            throw new BlobEventException(
                    "its URL '%s' is none of the container %s of the account %s"
                            .formatted(Quoted.of(text), container, account));
        }
        return path.substring(prefix.length());
    }

    private static Instant time(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw new BlobEventException("its time '%s' is none".formatted(Quoted.of(text)));
        }
    }

    private static String text(JsonNode of, String field) {
        return of.path(field).asText("");
    }
}
