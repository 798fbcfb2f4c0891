package org.citusingest;

import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL that a test stops and starts again, with the same data at the same port. */
public final class OwnServer implements AutoCloseable {
    private final Path folder;
    private final int port;
    private EmbeddedPostgres running;

    public OwnServer(Path folder) throws IOException {
        this.folder = folder;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
    }

    public OwnServer start() throws IOException {
        running =
                EmbeddedPostgres.builder()
                        .setPort(port)
                        .setDataDirectory(data())
                        .setCleanDataDirectory(false)
                        .setServerConfig("fsync", "off")
                        .start();
        return this;
    }

    /** Ends all sessions, then the server. */
    public void stop() throws IOException {
        running.close();
        running = null;
    }

    /** Kills the server with all its processes, as a machine that loses its power. */
    public void crash() throws IOException {
        long pid = Long.parseLong(Files.readAllLines(data().resolve("postmaster.pid")).get(0));
        ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
        List<ProcessHandle> all = server.descendants().toList();
        server.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        await().until(() -> all.stream().noneMatch(ProcessHandle::isAlive) && !server.isAlive());
        stop();
    }

    /** Where its files are. */
    public Path data() {
        return folder.resolve("data");
    }

    public int port() {
        return port;
    }

    public DataSource dataSource() {
        return dataSource("postgres");
    }

    private PGSimpleDataSource dataSource(String database) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"localhost"});
        source.setPortNumbers(new int[] {port});
        source.setDatabaseName(database);
        source.setUser("postgres");
        return source;
    }

    public TestDatabase database() {
        return new TestDatabase(dataSource());
    }

    /** A new, empty database. */
    public TestDatabase database(String name) {
        database().execute("CREATE DATABASE " + name);
        return new TestDatabase(dataSource(name));
    }

    @Override
    public void close() throws IOException {
        if (running != null) {
            stop();
        }
    }
}
