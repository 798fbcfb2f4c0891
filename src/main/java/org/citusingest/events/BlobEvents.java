package org.citusingest.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The events of a message: one, or an array of them.
 *
 * @param events what came to be
 * @param refused what is wrong with each of the others
 */
public record BlobEvents(List<BlobEvent> events, List<String> refused) {
    private static final int MOST_DEPTH = 32;
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    static {
        JSON.getFactory()
                .setStreamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(MOST_DEPTH).build());
    }

    /**
     * Reads a message.
     *
     * @param message JSON, or JSON in base64 as Event Grid writes it into a queue
     * @throws BlobEventException if it is no JSON
     */
    public static BlobEvents of(byte[] message) {
        JsonNode json = json(message);
        List<BlobEvent> events = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (JsonNode event : json.isArray() ? json : List.of(json)) {
            try {
                BlobEvent.of(event).ifPresent(events::add);
            } catch (BlobEventException e) {
                refused.add(e.getMessage());
            }
        }
        return new BlobEvents(List.copyOf(events), List.copyOf(refused));
    }

    /** The JSON of a message. */
    static JsonNode json(byte[] message) {
        try {
            JsonNode json = JSON.readTree(isJson(message) ? message : decoded(message));
            if (json == null || !json.isContainerNode()) {
                throw new BlobEventException("it is neither an event nor an array of events");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw new BlobEventException("it is not JSON");
        } catch (IOException e) {
            throw new IllegalStateException("Bytes in memory cannot fail to be read", e);
        }
    }

    private static boolean isJson(byte[] message) {
        for (byte first : message) {
            if (!Character.isWhitespace(first)) {
                return first == '[' || first == '{';
            }
        }
        return false;
    }

    private static byte[] decoded(byte[] message) {
        try {
            return Base64.getDecoder()
                    .decode(new String(message, StandardCharsets.ISO_8859_1).strip());
        } catch (IllegalArgumentException e) {
            throw new BlobEventException("it is neither JSON nor JSON in base64");
        }
    }
}
