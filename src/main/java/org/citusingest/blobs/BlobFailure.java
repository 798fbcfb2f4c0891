package org.citusingest.blobs;

import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobStorageException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import org.citusingest.ledger.Failure;

/** What an answer of the storage service means. */
final class BlobFailure {
    private static final int FORBIDDEN = 403;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int TIMEOUT = 408;
    private static final int PRECONDITION_FAILED = 412;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERRORS = 500;

    private BlobFailure() {}

    /**
     * Why the blob version is not there any more, so that there is nothing to load; empty for any
     * other failure, such as that another blob, which a step wants, is not there.
     *
     * @param blob the URL of the blob that was being loaded
     */
    static Optional<String> gone(Throwable error, String blob) {
        return answer(error)
                .filter(e -> isAbout(e, blob))
                .map(
                        e ->
                                switch (e.getStatusCode()) {
                                    case PRECONDITION_FAILED ->
                                            "overwritten or deleted before it was read; a new version is a load of its own";
                                    case NOT_FOUND -> "deleted before it was read";
                                    default -> null;
                                });
    }

    private static boolean isAbout(BlobStorageException e, String blob) {
        String asked = e.getResponse().getRequest().getUrl().getPath();
        return asked.equals(URI.create(blob).getRawPath());
    }

    /** The answer of the service that is the reason of a failure, if one is. */
    private static Optional<BlobStorageException> answer(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof BlobStorageException e) {
                return Optional.of(e);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether the same load would fail again. What the service answers never tells that: a key is
     * corrected, an overload passes.
     */
    static boolean isPermanent(Throwable error) {
        return answer(error).isEmpty() && Failure.isPermanent(error);
    }

    /**
     * Whether the failure is of the surroundings, whatever was being loaded: access that was taken
     * away, a service that is overloaded, down or not to be reached. A connection that is lost is
     * none of them.
     */
    static boolean isPassing(Throwable error) {
        return answer(error)
                .map(
                        e ->
                                switch (e.getStatusCode()) {
                                    case UNAUTHORIZED, FORBIDDEN, TIMEOUT, TOO_MANY -> true;
                                    default -> e.getStatusCode() >= SERVER_ERRORS;
                                })
                .orElseGet(() -> isUnreachable(error) || Failure.isPassing(error));
    }

    private static boolean isUnreachable(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof UnknownHostException
                    || cause instanceof NoRouteToHostException) {
                return true;
            }
        }
        return false;
    }

    /** What to do about a refusal. */
    private static String access(BlobStorageException e) {
        // A signature is refused for its time too, whatever the roles are.
        return BlobErrorCode.AUTHENTICATION_FAILED.equals(e.getErrorCode())
                ? "check the key, or the dates of the shared access signature and the clock of this machine"
                : "give the identity the role Storage Blob Data Reader, or check the key";
    }

    /** The failure of a load in one line, without the service's answer, which is many. */
    static String oneLine(Throwable error) {
        return answer(error)
                .map(
                        e ->
                                switch (e.getStatusCode()) {
                                    case UNAUTHORIZED, FORBIDDEN ->
                                            "The storage account refuses to read the blob (%d %s): %s"
                                                    .formatted(
                                                            e.getStatusCode(),
                                                            e.getErrorCode(),
                                                            access(e));
                                    default ->
                                            "The blob cannot be read: %d %s"
                                                    .formatted(e.getStatusCode(), e.getErrorCode());
                                })
                .orElseGet(() -> Failure.oneLine(error));
    }

    /** The failure of a listing in one line, without the service's answer, which is many. */
    static String describe(BlobStorageException e, String container) {
        return switch (e.getStatusCode()) {
            case NOT_FOUND ->
                    "There is no container %s in this storage account: create it, or name another in blobs:%s"
                            .formatted(container, container);
            case UNAUTHORIZED, FORBIDDEN ->
                    "The storage account refuses to list the container %s (%d %s): %s"
                            .formatted(container, e.getStatusCode(), e.getErrorCode(), access(e));
            default ->
                    "The container %s cannot be listed: %d %s"
                            .formatted(container, e.getStatusCode(), e.getErrorCode());
        };
    }
}
