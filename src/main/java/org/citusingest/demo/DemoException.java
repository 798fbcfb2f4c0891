package org.citusingest.demo;

/** Says in one line what of the demo could not be had, why, and what to do. */
public final class DemoException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What to do where Azurite cannot be had. */
    static final String OTHER_STORAGE = "or point --storage at a real account";

    DemoException(String message) {
        super(message);
    }

    DemoException(String message, Throwable cause) {
        super(message, cause);
    }
}
