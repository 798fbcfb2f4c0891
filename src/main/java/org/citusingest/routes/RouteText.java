package org.citusingest.routes;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.ResourceSupport;

/**
 * A route file as it was read. Routes are made of this and not of the file, which may have changed
 * since.
 *
 * @param error why there is no text; null when there is one
 */
record RouteText(Path path, String text, String error) {
    private static final long MOST_BYTES = 1 << 20;

    /** What the file holds; empty when there is no such file. */
    static Optional<RouteText> read(Path file) {
        try {
            long size = Files.size(file);
            if (size > MOST_BYTES) {
                return Optional.of(
                        new RouteText(
                                file,
                                "",
                                "%s: it has %d bytes, and a route file at most %d: is it data?"
                                        .formatted(file, size, MOST_BYTES)));
            }
            byte[] bytes = Files.readAllBytes(file);
            return Optional.of(
                    new RouteText(file, new String(bytes, StandardCharsets.UTF_8), null));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(
                    new RouteText(file, "", "%s: it cannot be read: %s".formatted(file, e)));
        }
    }

    /** The text as Camel takes it, under the name of the file. */
    Resource resource() {
        return new ResourceSupport("file", "file:" + path.toAbsolutePath()) {
            @Override
            public boolean exists() {
                return true;
            }

            @Override
            public InputStream getInputStream() {
                return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
            }
        };
    }
}
