package org.citusingest.rows.json;

import org.apache.camel.spi.annotations.Dataformat;

/**
 * Unmarshals JSON Lines to a lazy stream of row batches: an {@link java.util.Iterator} of {@link
 * org.citusingest.rows.RowBatch} that reads the body while it is iterated over. Each line is a
 * record, an object or an array.
 *
 * <p>In a route: {@code unmarshal: {custom: {ref: jsonLines}}}. For other options declare a bean of
 * this type and name it as {@code ref}.
 */
@Dataformat("jsonLines")
public final class JsonLinesDataFormat extends JsonOptions {
    /** Makes the data format with its options as they are by default. */
    public JsonLinesDataFormat() {
        super(JsonFormat.ofLines());
    }

    @Override
    public String getDataFormatName() {
        return "jsonLines";
    }
}
