package org.citusingest.monitoring;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where the management server listens, and who may see more than health.
 *
 * @param host the address; by default the loopback one
 * @param port the port; 0 for no server
 * @param login who may see more than health; empty for nobody
 */
public record ManagementSettings(InetAddress host, int port, Optional<Login> login) {
    private static final String BOTH =
            "set management.user (MANAGEMENT_USER) and management.password (MANAGEMENT_PASSWORD)";

    /** A name and a password. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user;
        }
    }

    /**
     * Reads the properties {@code management.*}.
     *
     * @throws IllegalArgumentException that names the property, and says what is allowed
     */
    public static ManagementSettings of(Function<String, Optional<String>> properties) {
        Function<String, String> text = key -> properties.apply(key).map(String::trim).orElse("");
        int port = port(text.apply("management.port"));
        InetAddress host = host(text.apply("management.host"));
        Optional<Login> login =
                login(text.apply("management.user"), text.apply("management.password"));
        if (port != 0 && !host.isLoopbackAddress() && login.isEmpty()) {
            throw new IllegalArgumentException(
                    "management.host (MANAGEMENT_HOST) is %s, which others can reach: %s, or leave it at 127.0.0.1"
                            .formatted(text.apply("management.host"), BOTH));
        }
        return new ManagementSettings(host, port, login);
    }

    private static int port(String text) {
        try {
            int port = text.isEmpty() ? 9876 : Integer.parseInt(text);
            if (port >= 0 && port <= 65_535) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        throw new IllegalArgumentException(
                "management.port (MANAGEMENT_PORT) is '%s'; it must be a port from 1 to 65535, or 0 for no server"
                        .formatted(text));
    }

    private static InetAddress host(String text) {
        try {
            return InetAddress.getByName(text.isEmpty() ? "127.0.0.1" : text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(
                    "management.host (MANAGEMENT_HOST) is '%s'; it must be an address of this machine, 127.0.0.1 for itself alone or 0.0.0.0 for all"
                            .formatted(text),
                    e);
        }
    }

    private static Optional<Login> login(String user, String password) {
        if (user.isEmpty() && password.isEmpty()) {
            return Optional.empty();
        }
        if (user.isEmpty() || password.isEmpty() || user.contains(":")) {
            throw new IllegalArgumentException(
                    "The login of the management server is not complete: %s, the name without a colon"
                            .formatted(BOTH));
        }
        return Optional.of(new Login(user, password));
    }
}
