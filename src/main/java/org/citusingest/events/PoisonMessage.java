package org.citusingest.events;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Makes of a message that could not be taken the one that is put aside: why, how often it was
 * tried, the SHA-256 of its body, and the body, or its beginning.
 */
public final class PoisonMessage implements Processor {
    private static final String DEQUEUE_COUNT = "CamelAzureStorageQueueDequeueCount";

    /** A message of a queue has at most 64 KiB, and JSON may make six bytes of one. */
    private static final int MOST_CHARACTERS = 7000;

    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public void process(Exchange exchange) throws NoSuchAlgorithmException {
        byte[] body = exchange.getIn().getBody(byte[].class);
        byte[] message = body == null ? new byte[0] : body;
        Exception reason = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        String text = new String(message, StandardCharsets.UTF_8);
        ObjectNode poison = JSON.createObjectNode();
        poison.put("reason", reason == null ? "" : Quoted.of(String.valueOf(reason.getMessage())));
        poison.put("dequeueCount", exchange.getIn().getHeader(DEQUEUE_COUNT, 0L, Long.class));
        poison.put(
                "sha256",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(message)));
        poison.put("body", text.substring(0, Math.min(text.length(), MOST_CHARACTERS)));
        exchange.getIn().removeHeaders("*");
        exchange.getIn().setBody(poison.toString());
    }
}
