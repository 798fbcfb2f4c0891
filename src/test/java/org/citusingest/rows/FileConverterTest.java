package org.citusingest.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileConverterTest {
    @TempDir private Path folder;

    @Test
    void a_file_of_this_machine_is_read_where_it_is() throws Exception {
        Path file = Files.writeString(folder.resolve("a"), "content");
        GenericFile<File> ofRoute = new GenericFile<>();
        ofRoute.setFile(file.toFile());
        GenericFile<Object> elsewhere = new GenericFile<>();
        elsewhere.setFile("on another machine");
        DefaultCamelContext context = new DefaultCamelContext();
        try {
            context.start();
            for (Object body : new Object[] {file, file.toFile(), ofRoute}) {
                try (SeekableByteChannel channel =
                        context.getTypeConverter().convertTo(SeekableByteChannel.class, body)) {
                    assertThat(channel).isInstanceOf(FileChannel.class);
                    ByteBuffer read = ByteBuffer.allocate(4);
                    channel.position(3).read(read);
                    assertThat(new String(read.array(), java.nio.charset.StandardCharsets.UTF_8))
                            .isEqualTo("tent");
                }
            }
            assertThat(
                            context.getTypeConverter()
                                    .tryConvertTo(SeekableByteChannel.class, elsewhere))
                    .isNull();
        } finally {
            context.stop();
        }
    }
}
