package org.citusingest.ledger;

import java.io.Serial;
import org.apache.logging.log4j.message.MapMessage;

/** A line of the log as key=value, whose values a layout may also take one by one. */
final class LoadMessage extends MapMessage<LoadMessage, Object> {
    @Serial private static final long serialVersionUID = 1L;

    private final StringBuilder line = new StringBuilder();

    LoadMessage and(String key, Object value) {
        return and(key, value, value.toString());
    }

    /** As {@link #and(String, Object)}, with another form of the value in the line. */
    LoadMessage and(String key, Object value, String text) {
        return add(key, value, key + "=" + text);
    }

    /** A text that ends the line, after words of its own. */
    LoadMessage says(String key, String words, String text) {
        return add(key, text, words + text);
    }

    private LoadMessage add(String key, Object value, String text) {
        with(key, value);
        line.append(line.isEmpty() ? "" : " ").append(text);
        return this;
    }

    @Override
    public String asString() {
        return line.toString();
    }

    @Override
    public String getFormattedMessage() {
        return asString();
    }

    @Override
    public void formatTo(StringBuilder buffer) {
        buffer.append(line);
    }
}
