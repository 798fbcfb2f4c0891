package org.citusingest.console;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.OptionalInt;
import org.apache.camel.spi.PropertiesComponent;

/**
 * Where the console listens and who may log in.
 *
 * @param port the port, 0 for any that is free
 * @param ownPassword whether the operator has set the password; else it is made for this run
 */
public record ConsoleSettings(
        InetAddress host, int port, String user, String password, boolean ownPassword) {
    private static final int DEFAULT_PORT = 8778;
    private static final int LEAST_PASSWORD = 12;
    private static final int MADE_PASSWORD_BYTES = 18;

    /**
     * Reads and checks the settings.
     *
     * @param port a port that counts before that of the properties
     */
    public static ConsoleSettings of(PropertiesComponent properties, OptionalInt port) {
        InetAddress host = host(text(properties, "hawtio.host", "127.0.0.1"));
        String user = text(properties, "hawtio.user", "hawtio");
        // Not trimmed: it is what somebody types.
        String password = properties.resolveProperty("hawtio.password").orElse("");
        if (password.isEmpty() && !host.isLoopbackAddress()) {
            throw new ConsoleException(
                    "hawtio.host (HAWTIO_HOST) is %s, which others can reach, and there is no password for them: set HAWTIO_PASSWORD, or leave it at 127.0.0.1"
                            .formatted(host.getHostAddress()));
        }
        if (!password.isEmpty() && password.length() < LEAST_PASSWORD) {
            throw new ConsoleException(
                    "hawtio.password (HAWTIO_PASSWORD) is too short; it must have at least %d characters"
                            .formatted(LEAST_PASSWORD));
        }
        boolean own = !password.isEmpty();
        return new ConsoleSettings(
                host,
                port.isPresent() ? port.getAsInt() : port(properties),
                user,
                own ? password : madePassword(),
                own);
    }

    private static InetAddress host(String name) {
        try {
            return InetAddress.getByName(name);
        } catch (UnknownHostException e) {
            throw new ConsoleException(
                    "hawtio.host (HAWTIO_HOST) is '%s', which is no address of this machine: leave it at 127.0.0.1, or name one"
                            .formatted(name));
        }
    }

    private static int port(PropertiesComponent properties) {
        String text = text(properties, "hawtio.port", String.valueOf(DEFAULT_PORT));
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw new ConsoleException(
                "hawtio.port (HAWTIO_PORT) is '%s'; it must be a whole number from 0 to 65535"
                        .formatted(text));
    }

    private static String madePassword() {
        byte[] bytes = new byte[MADE_PASSWORD_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String text(PropertiesComponent properties, String key, String otherwise) {
        String value = properties.resolveProperty(key).map(String::trim).orElse("");
        return value.isEmpty() ? otherwise : value;
    }

    /** Without the password, wherever it is printed. */
    @Override
    public String toString() {
        return "ConsoleSettings[%s:%d, %s]".formatted(host.getHostAddress(), port, user);
    }
}
