package org.citusingest.rows;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.Charset;
import java.util.Optional;

/** Where the bytes of rows come from: a blob, a file, a message. */
@FunctionalInterface
public interface Source {
    /** A new stream that stands before the first byte. */
    InputStream open() throws IOException;

    /**
     * The bytes in any order, for formats whose end says where their rows are. Of a source that is
     * only a stream, they are put into a temporary file that goes with the channel.
     */
    default SeekableByteChannel channel() throws IOException {
        return SpooledChannel.of(open());
    }

    /** The encoding of its text, where that is certain whatever the format declares. */
    default Optional<Charset> charset() {
        return Optional.empty();
    }
}
