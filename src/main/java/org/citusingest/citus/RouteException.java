package org.citusingest.citus;

import java.io.Serial;

/**
 * The route does not give {@code citus:} what a load needs; the message says what to change in it.
 */
public final class RouteException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    RouteException(String message) {
        super(message);
    }
}
