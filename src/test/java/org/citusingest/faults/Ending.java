package org.citusingest.faults;

import java.io.IOException;
import java.net.Socket;

/** How a connection ends. */
enum Ending {
    /** Both sides see its end. */
    CUT,
    /** Both sides get a TCP reset. */
    RESET;

    void close(Socket socket) {
        try (socket) {
            if (this == RESET && !socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            // It is closed whatever happens.
        }
    }
}
