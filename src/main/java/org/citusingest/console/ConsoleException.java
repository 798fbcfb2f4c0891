package org.citusingest.console;

import java.io.Serial;

/** The console cannot be served; the message says why, and what to do. */
final class ConsoleException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    ConsoleException(String message) {
        super(message);
    }

    ConsoleException(String message, Throwable cause) {
        super(message, cause);
    }
}
