package org.citusingest.rows;

import java.io.File;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.Converter;
import org.apache.camel.component.file.GenericFile;

/** Opens a file of this machine where a data format reads it in any order. */
@Converter(generateLoader = true)
public final class FileConverter {
    private FileConverter() {}

    @Converter
    public static SeekableByteChannel toChannel(Path file) throws IOException {
        return Files.newByteChannel(file);
    }

    @Converter
    public static SeekableByteChannel toChannel(File file) throws IOException {
        return toChannel(file.toPath());
    }

    /** Of a file of another machine there is only a stream. */
    @Converter(allowNull = true)
    public static SeekableByteChannel toChannel(GenericFile<?> file) throws IOException {
        return file.getFile() instanceof File local ? toChannel(local) : null;
    }
}
