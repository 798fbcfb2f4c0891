package org.citusingest.faults;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What a {@link StorageProxy} does with a request. */
public final class Reply {
    enum Kind {
        ANSWER,
        CUT,
        RESET,
        STALL,
        DELAY,
        RUN,
        TRUNCATE,
        CORRUPT
    }

    final Kind kind;
    final byte[] answer;
    final long bytes;
    final Duration delay;
    final Runnable run;

    private Reply(Kind kind, byte[] answer, long bytes, Duration delay, Runnable run) {
        this.kind = kind;
        this.answer = answer;
        this.bytes = bytes;
        this.delay = delay;
        this.run = run;
    }

    private static Reply of(Kind kind, long bytes) {
        return new Reply(kind, new byte[0], bytes, Duration.ZERO, () -> {});
    }

    /** An answer of the service, such as 403, 404, 412, 429, 500 or 503; Azurite is not asked. */
    public static Reply status(int status) {
        return answer(status, "");
    }

    /** As {@link #status}, with the header Retry-After. */
    public static Reply status(int status, Duration retryAfter) {
        return answer(status, "Retry-After: " + retryAfter.toSeconds() + "\r\n");
    }

    private static Reply answer(int status, String header) {
        String code = errorCode(status);
        String body =
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code><Message>a fault of the test</Message></Error>"
                        .formatted(code);
        String head =
                "HTTP/1.1 %d %s\r\nContent-Type: application/xml\r\nx-ms-error-code: %s\r\n%sContent-Length: %d\r\n\r\n"
                        .formatted(status, code, code, header, body.length());
        return new Reply(
                Kind.ANSWER,
                (head + body).getBytes(StandardCharsets.US_ASCII),
                head.length(),
                Duration.ZERO,
                () -> {});
    }

    private static String errorCode(int status) {
        return switch (status) {
            case 401 -> "NoAuthenticationInformation";
            case 403 -> "AuthorizationFailure";
            case 404 -> "BlobNotFound";
            case 412 -> "ConditionNotMet";
            case 429 -> "TooManyRequests";
            case 500 -> "InternalError";
            case 503 -> "ServerBusy";
            default -> "Fault";
        };
    }

    /** The connection ends before the request is answered. */
    public static Reply cut() {
        return of(Kind.CUT, 0);
    }

    /** As {@link #cut()}, by a TCP reset. */
    public static Reply reset() {
        return of(Kind.RESET, 0);
    }

    /** No answer until {@link StorageProxy#resume()}; then the request goes on. */
    public static Reply stall() {
        return of(Kind.STALL, 0);
    }

    /** The request goes on later. */
    public static Reply delay(Duration duration) {
        return new Reply(Kind.DELAY, new byte[0], 0, duration, () -> {});
    }

    /** Something is done before the request goes on, such as to overwrite the blob. */
    public static Reply run(Runnable first) {
        return new Reply(Kind.RUN, new byte[0], 0, Duration.ZERO, first);
    }

    /**
     * The head of the answer says how long the body is, and the connection ends after fewer bytes.
     */
    public static Reply truncate(long afterBytes) {
        return of(Kind.TRUNCATE, afterBytes);
    }

    /** All bits of one byte of the answer's body, counted from 0, are inverted. */
    public static Reply corrupt(long byteAt) {
        return of(Kind.CORRUPT, byteAt);
    }
}
