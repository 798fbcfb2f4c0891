package org.citusingest.blobs;

import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import org.apache.camel.Converter;

/** Opens a blob where a step asks for bytes, as {@code unmarshal} does. */
@Converter(generateLoader = true)
public final class BlobReferenceConverter {
    private BlobReferenceConverter() {}

    @Converter
    public static InputStream toInputStream(BlobReference blob) {
        return blob.open();
    }

    /** Of a blob that is being downloaded already there is only a stream. */
    @Converter(allowNull = true)
    public static SeekableByteChannel toChannel(BlobReference blob) {
        return blob.isReadAhead() ? null : blob.channel();
    }

    /** Says what to do; Camel would only say that it knows no way. */
    @Converter
    @SuppressWarnings("DoNotCallSuggester")
    public static InputStream toInputStream(BlobGroup blobs) {
        throw new IllegalArgumentException(
                "%d blobs came together, and this step takes one: leave batchFiles out of blobs:, or read them with unmarshal: delimited"
                        .formatted(blobs.size()));
    }
}
