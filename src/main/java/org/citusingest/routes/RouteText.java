package org.citusingest.routes;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
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
    static Optional<RouteText> read(Path file, WritableBy writableBy) {
        try {
            Optional<String> refusal = writableBy.refusal(file);
            if (refusal.isPresent()) {
                return Optional.of(new RouteText(file, "", refusal.get()));
            }
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

    /** By which a person can tell later which text it was. */
    String sha256() {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
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
