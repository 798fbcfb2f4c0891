package org.citusingest.pgevent;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.citusingest.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL that a test stops and starts again, with the same data at the same port. */
final class OwnServer implements AutoCloseable {
    private final Path folder;
    private final int port;
    private EmbeddedPostgres running;

    OwnServer(Path folder) throws IOException {
        this.folder = folder;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            this.port = free.getLocalPort();
        }
    }

    OwnServer start() throws IOException {
        running =
                EmbeddedPostgres.builder()
                        .setPort(port)
                        .setDataDirectory(folder.resolve("data"))
                        .setCleanDataDirectory(false)
                        .setServerConfig("fsync", "off")
                        .start();
        return this;
    }

    void stop() throws IOException {
        running.close();
        running = null;
    }

    DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"localhost"});
        source.setPortNumbers(new int[] {port});
        source.setDatabaseName("postgres");
        source.setUser("postgres");
        return source;
    }

    TestDatabase database() {
        return new TestDatabase(dataSource());
    }

    @Override
    public void close() throws IOException {
        if (running != null) {
            stop();
        }
    }
}
