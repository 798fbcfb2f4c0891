package org.citusingest.rows;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes a stream readable in any order, by a file. */
final class SpooledChannel {
    private SpooledChannel() {}

    /** Reads the stream to its end and closes it; the file goes when the channel is closed. */
    static SeekableByteChannel of(InputStream in) throws IOException {
        Path file = Files.createTempFile("citus-ingest", ".rows");
        SeekableByteChannel channel = null;
        try (in) {
            channel =
                    Files.newByteChannel(
                            file,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE);
            OutputStream out = Channels.newOutputStream(channel);
            in.transferTo(out);
            return channel.position(0);
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                channel.close();
            }
            Files.deleteIfExists(file);
            throw e;
        }
    }
}
