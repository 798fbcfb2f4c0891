package org.citusingest.events;

/** An event that can never be taken, however often it comes. */
public final class BlobEventException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BlobEventException(String message) {
        super(message);
    }
}
