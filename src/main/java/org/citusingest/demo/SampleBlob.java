package org.citusingest.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * A blob of the sample data, made anew each time it is written and always the same.
 *
 * @param container the container it belongs in
 * @param name its name, with folders
 * @param rows how many rows it has, without the header
 * @param content writes its bytes
 */
public record SampleBlob(String container, String name, long rows, Content content) {

    /** What a blob holds. */
    @FunctionalInterface
    public interface Content {
        /** Writes all bytes and leaves the stream open. */
        void writeTo(OutputStream out) throws IOException;
    }

    /** The whole content in memory. */
    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            content.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
