package org.citusingest.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.time.Instant;

/** Data for programs: one line of JSON. */
final class Json {
    private static final JsonSerializer<Object> AS_STRING = ToStringSerializer.instance;
    private static final ObjectMapper MAPPER =
            new ObjectMapper()
                    .registerModule(new SimpleModule().addSerializer(Instant.class, AS_STRING));

    private Json() {}

    static String line(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
