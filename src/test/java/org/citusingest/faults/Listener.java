package org.citusingest.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.Consumer;

/** A port of the loopback interface that can be closed and opened again. */
final class Listener implements AutoCloseable {
    private final Consumer<Socket> onAccept;
    private final int port;
    private ServerSocket socket;

    /** Listens on a free port. */
    Listener(Consumer<Socket> onAccept) {
        this.onAccept = onAccept;
        this.port = listen(0);
    }

    private synchronized int listen(int wanted) {
        try {
            ServerSocket opened = new ServerSocket();
            opened.setReuseAddress(true);
            opened.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted));
            socket = opened;
            Thread thread =
                    new Thread(() -> accept(opened), "fault proxy " + opened.getLocalPort());
            thread.setDaemon(true);
            thread.start();
            return opened.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen on port " + wanted, e);
        }
    }

    private void accept(ServerSocket from) {
        while (!from.isClosed()) {
            try {
                Socket client = from.accept();
                client.setTcpNoDelay(true);
                onAccept.accept(client);
            } catch (IOException e) {
                // Closed: the loop ends. Anything else concerns one client, which sees it.
            }
        }
    }

    int port() {
        return port;
    }

    synchronized boolean isOpen() {
        return !socket.isClosed();
    }

    /** Listens again after {@link #close()}. */
    synchronized void reopen() {
        if (socket.isClosed()) {
            listen(port);
        }
    }

    /** From now on connections are refused. */
    @Override
    public synchronized void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
