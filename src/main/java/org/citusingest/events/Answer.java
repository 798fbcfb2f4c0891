package org.citusingest.events;

import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * An HTTP answer.
 *
 * @param status the status code
 * @param headers its headers
 * @param body its body; empty for none
 */
record Answer(int status, Map<String, String> headers, String body) {
    static Answer of(int status) {
        return new Answer(status, Map.of(), "");
    }

    /** Come again in so many seconds. */
    static Answer later(int status, int seconds) {
        return new Answer(status, Map.of("Retry-After", String.valueOf(seconds)), "");
    }

    /** Answers the request in this message, with nothing of it. */
    void write(Message message) {
        message.removeHeaders("*");
        message.setBody(body);
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        message.setHeader("Cache-Control", "no-store");
        headers.forEach(message::setHeader);
    }
}
