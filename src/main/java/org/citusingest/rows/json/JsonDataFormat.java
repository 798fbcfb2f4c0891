package org.citusingest.rows.json;

import org.apache.camel.spi.annotations.Dataformat;

/**
 * Unmarshals a JSON document, or several one after the other, to a lazy stream of row batches: an
 * {@link java.util.Iterator} of {@link org.citusingest.rows.RowBatch} that reads the body while it
 * is iterated over. Each object of an array is a row, and an object without an array is one.
 *
 * <p>In a route: {@code unmarshal: {custom: {ref: json}}}. For other options declare a bean of this
 * type and name it as {@code ref}.
 */
@Dataformat("json")
public final class JsonDataFormat extends JsonOptions {
    /** Makes the data format with its options as they are by default. */
    public JsonDataFormat() {
        super(JsonFormat.ofDocument());
    }

    @Override
    public String getDataFormatName() {
        return "json";
    }

    /**
     * Where in the document the array with the records is, or the only record, as a JSON Pointer of
     * keys such as {@code /data/items}. The default is none: the document is the array.
     */
    public void setPath(String path) {
        path(path.strip());
    }
}
