package org.citusingest.pgevent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes TCP connections on to a server, until it is told to fall silent: then those that are open
 * stay open, and carry nothing in either direction.
 */
final class Forwarder implements AutoCloseable {
    private final ServerSocket door;
    private final int port;
    private final AtomicInteger silences = new AtomicInteger();

    private Forwarder(ServerSocket door, int port) {
        this.door = door;
        this.port = port;
    }

    static Forwarder to(int port) throws IOException {
        Forwarder forwarder =
                new Forwarder(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
        begin(forwarder::accept);
        return forwarder;
    }

    int port() {
        return door.getLocalPort();
    }

    /** From now on nothing passes on the connections that are open; new ones are as before. */
    void fallSilent() {
        silences.incrementAndGet();
    }

    private static void begin(Runnable task) {
        Thread thread = new Thread(task, "forwarder");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = door.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                int born = silences.get();
                begin(() -> pass(client, server, born));
                begin(() -> pass(server, client, born));
            }
        } catch (IOException e) {
            // The door is closed.
        }
    }

    private void pass(Socket from, Socket to, int born) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] piece = new byte[8192];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                if (silences.get() == born) {
                    out.write(piece, 0, read);
                    out.flush();
                }
            }
        } catch (IOException e) {
            // One end is gone, and so is the other.
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
