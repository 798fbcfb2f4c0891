package org.citusingest;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A secret that is to be seen nowhere, and the forms that it may be seen in. */
record Canary(String name, String secret) {
    /** Whether the text shows it: as it is, as part of a URL, or within something in base64. */
    boolean isSeenIn(String text) {
        String plain = text.replace("\\/", "/").replace("\\u003d", "=");
        return forms().anyMatch(plain::contains);
    }

    private Stream<String> forms() {
        return Stream.concat(
                Stream.of(
                        secret,
                        URLEncoder.encode(secret, StandardCharsets.UTF_8),
                        URLEncoder.encode(secret, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT)),
                IntStream.range(0, 3).boxed().flatMap(this::inBase64));
    }

    /**
     * What base64 makes of it after so many other bytes, without what depends on its neighbours.
     */
    private Stream<String> inBase64(int before) {
        byte[] bytes = (" ".repeat(before) + secret).getBytes(StandardCharsets.UTF_8);
        int whole = bytes.length * 8 / 6;
        int first = (before * 8 + 5) / 6;
        return Stream.of(Base64.getEncoder(), Base64.getUrlEncoder())
                .map(encoder -> encoder.encodeToString(bytes).substring(first, whole));
    }

    /** The names of those that a text shows. */
    static List<String> seenIn(String text, List<Canary> canaries) {
        return canaries.stream().filter(canary -> canary.isSeenIn(text)).map(Canary::name).toList();
    }
}
