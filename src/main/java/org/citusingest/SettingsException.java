package org.citusingest;

import java.io.Serial;

/** A setting is missing or wrong; the message says which, and what is allowed. */
final class SettingsException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    SettingsException(String message) {
        super(message);
    }
}
