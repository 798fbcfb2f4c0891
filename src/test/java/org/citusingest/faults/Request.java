package org.citusingest.faults;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A request to the blob service, and which of them a rule is about.
 *
 * @param method the method, in capitals
 * @param container the name of the container; empty for a request about the account
 * @param blob the name of the blob, decoded; empty for a request about the container
 * @param query the query, as sent
 * @param from the first byte of the range asked for; 0 without a range
 */
public record Request(String method, String container, String blob, String query, long from) {
    // The account is the first part of the path, as Azurite has it.
    private static final Pattern PATH =
            Pattern.compile("/[^/?]+(?:/([^/?]*)(?:/([^?]*))?)?(?:\\?(.*))?");
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-.*");

    static Request of(HttpHead head) {
        String[] line = head.first().split(" ", 3);
        Matcher path = PATH.matcher(line[1]);
        if (!path.matches()) {
            return new Request(line[0].toUpperCase(Locale.ROOT), "", "", "", 0);
        }
        Matcher range =
                RANGE.matcher(head.header("x-ms-range").or(() -> head.header("range")).orElse(""));
        return new Request(
                line[0].toUpperCase(Locale.ROOT),
                decoded(path.group(1)),
                decoded(path.group(2)),
                path.group(3) == null ? "" : path.group(3),
                range.matches() ? Long.parseLong(range.group(1)) : 0);
    }

    private static String decoded(String part) {
        // A plus sign in a path is one.
        return part == null
                ? ""
                : URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Every request. */
    public static Predicate<Request> any() {
        return request -> true;
    }

    /** A page of the listing of a container. */
    public static Predicate<Request> list() {
        return request -> request.method.equals("GET") && request.query.contains("comp=list");
    }

    /** The reading of a blob, or of a range of it, whose whole name the regular expression fits. */
    public static Predicate<Request> read(String blob) {
        Pattern name = Pattern.compile(blob, Pattern.DOTALL);
        return request ->
                request.method.equals("GET")
                        && !request.query.contains("comp=")
                        && !request.blob.isEmpty()
                        && name.matcher(request.blob).matches();
    }

    /** The reading of a range of such a blob that is not its first. */
    public static Predicate<Request> readFurther(String blob) {
        return read(blob).and(request -> request.from > 0);
    }

    /** The writing of such a blob. */
    public static Predicate<Request> write(String blob) {
        Pattern name = Pattern.compile(blob, Pattern.DOTALL);
        return request -> request.method.equals("PUT") && name.matcher(request.blob).matches();
    }

    /** Whatever is asked of this container. */
    public static Predicate<Request> of(String container) {
        return request -> request.container.equals(container);
    }
}
