package org.citusingest.ledger;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands before a worker of Citus and passes everything on but, while it is told to, COMMIT
 * PREPARED: that connection is cut instead. The connections must not be encrypted.
 */
final class CommitBreaker implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger broken = new AtomicInteger();
    private volatile boolean breaking;

    CommitBreaker(String host, int port) throws IOException {
        start(
                () -> {
                    while (true) {
                        Socket client = server.accept();
                        Socket worker = new Socket(host, port);
                        sockets.add(client);
                        sockets.add(worker);
                        start(() -> pass(client, worker, true));
                        start(() -> pass(worker, client, false));
                    }
                });
    }

    int port() {
        return server.getLocalPort();
    }

    void breakCommits() {
        breaking = true;
    }

    void mend() {
        breaking = false;
    }

    /** How many commits were broken. */
    int broken() {
        return broken.get();
    }

    private void pass(Socket from, Socket to, boolean statements) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                if (statements
                        && breaking
                        && new String(buffer, 0, n, ISO_8859_1).contains("COMMIT PREPARED")) {
                    broken.incrementAndGet();
                    return;
                }
                out.write(buffer, 0, n);
            }
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void start(Task task) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                task.run();
                            } catch (IOException e) {
                                // One end has closed: so has the other.
                            }
                        },
                        "commit breaker");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
