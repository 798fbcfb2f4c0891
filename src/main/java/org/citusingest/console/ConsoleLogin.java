package org.citusingest.console;

import java.util.Optional;

/**
 * How to get into the console.
 *
 * @param address its URL
 * @param madePassword the password, if nobody has set one and it was made for this run
 */
public record ConsoleLogin(String address, String user, Optional<String> madePassword) {
    /** Without the password, wherever it is printed. */
    @Override
    public String toString() {
        return "ConsoleLogin[%s, %s]".formatted(address, user);
    }
}
