package org.citusingest.events;

/** Whether a sender is the one that it says it is cannot be told now, but may be told later. */
final class UnprovenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnprovenException(String message, Throwable cause) {
        super(message, cause);
    }
}
