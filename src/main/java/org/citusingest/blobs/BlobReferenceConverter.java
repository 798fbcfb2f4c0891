package org.citusingest.blobs;

import java.io.InputStream;
import org.apache.camel.Converter;

/** Opens a blob where a step asks for bytes, as {@code unmarshal} does. */
@Converter(generateLoader = true)
public final class BlobReferenceConverter {
    private BlobReferenceConverter() {}

    @Converter
    public static InputStream toInputStream(BlobReference blob) {
        return blob.open();
    }
}
