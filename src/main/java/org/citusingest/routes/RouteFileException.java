package org.citusingest.routes;

/** A route file that cannot be loaded; the message says where and why, in one line. */
final class RouteFileException extends Exception {
    private static final long serialVersionUID = 1L;

    RouteFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
