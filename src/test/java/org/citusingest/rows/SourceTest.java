package org.citusingest.rows;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources that are compressed or not in UTF-8. */
final class SourceTest {
    private static final String TEXT = "id,name\n1,Ørsted €\n2,\"naïve\"\"\"\n";
    private static final List<List<String>> ROWS =
            List.of(List.of("1", "Ørsted €"), List.of("2", "naïve\""));

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(UTF_8));
        }
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static List<List<String>> read(byte[] source, DelimitedFormat.Builder format) {
        return Rows.of(new DripStream(source, 5, 1), format);
    }

    private static List<List<String>> read(byte[] source, String charset) {
        return read(source, DelimitedFormat.builder().charset(charset));
    }

    @Test
    void reads_all_members_of_a_gzip_source_that_says_nothing_is_available() throws IOException {
        byte[] source = join(gzip("id,name\n1,Ørs"), gzip("ted €\n"), gzip("2,\"naïve\"\"\"\n"));
        assertThat(read(source, "UTF-8")).isEqualTo(ROWS);
    }

    @Test
    void the_bytes_of_a_gzip_source_are_counted_after_decompression() throws IOException {
        RowBatch batch =
                new DelimitedReader(
                                new ByteArrayInputStream(gzip(TEXT)),
                                DelimitedFormat.builder().build())
                        .next();
        assertThat(batch.span().to()).isEqualTo(TEXT.getBytes(UTF_8).length);
    }

    @Test
    void a_gzip_source_that_is_cut_off_is_an_error_wherever_it_is_cut() throws IOException {
        byte[] first = gzip("id,name\n1,Ørsted €\n");
        byte[] source = join(first, gzip("2,\"naïve\"\"\"\n"));
        for (int length = 3; length < source.length; length++) {
            // Cut between two members it is a complete source.
            if (length != first.length) {
                byte[] cut = Arrays.copyOf(source, length);
                assertThatThrownBy(() -> read(cut, "UTF-8"))
                        .as("cut after %s bytes", length)
                        .isInstanceOf(RowFormatException.class)
                        .hasMessageContaining("begins like gzip but is damaged or cut off");
            }
        }
    }

    @Test
    void garbage_after_a_gzip_source_is_an_error() throws IOException {
        byte[] source = join(gzip(TEXT), "garbage".getBytes(UTF_8));
        assertThatThrownBy(() -> read(source, "UTF-8")).isInstanceOf(RowFormatException.class);
    }

    @Test
    void a_compressed_source_that_cannot_be_read_is_not_taken_for_a_damaged_one() {
        byte[] source = Arrays.copyOf(gzip(TEXT), 20);
        InputStream broken =
                new SequenceInputStream(
                        new ByteArrayInputStream(source),
                        new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw new IOException("connection reset");
                            }
                        });
        assertThatThrownBy(
                        () ->
                                new DelimitedReader(broken, DelimitedFormat.builder().build())
                                        .hasNext())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("connection reset");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16", "windows-1252"})
    void a_byte_order_mark_decides_about_the_encoding(String declared) {
        for (String name : List.of("UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE")) {
            byte[] source = ("\uFEFF" + TEXT).getBytes(Charset.forName(name));
            assertThat(read(source, declared)).as(name).isEqualTo(ROWS);
        }
    }

    @Test
    void a_source_in_a_declared_encoding_is_read() {
        assertThat(read(TEXT.getBytes(Charset.forName("windows-1252")), "windows-1252"))
                .isEqualTo(ROWS);
        assertThat(read(TEXT.getBytes(UTF_16LE), "UTF-16LE")).isEqualTo(ROWS);
        assertThat(read(TEXT.getBytes(UTF_16BE), "UTF-16")).isEqualTo(ROWS);
        assertThat(read("a,b\né,\n".getBytes(ISO_8859_1), "ISO-8859-1"))
                .isEqualTo(List.of(Arrays.asList("é", null)));
    }

    @Test
    void a_long_source_in_another_encoding_is_read_whole() {
        String text = "id,name\n" + "1,Ørsted 𝄞 €\n".repeat(10_000);
        for (Charset charset : List.of(UTF_16LE, Charset.forName("GB18030"))) {
            List<List<String>> rows =
                    read(text.getBytes(charset), DelimitedFormat.builder().charset(charset.name()));
            assertThat(rows).hasSize(10_000).containsOnly(List.of("1", "Ørsted 𝄞 €"));
        }
    }

    @Test
    void a_byte_that_means_nothing_in_the_declared_encoding_is_an_error_with_its_place() {
        byte[] source = "a,b\n1,\u0081\n".getBytes(ISO_8859_1);
        assertThatThrownBy(() -> read(source, "windows-1252"))
                .isInstanceOf(RowFormatException.class)
                .hasMessageStartingWith("byte 6: ")
                .hasMessageContaining("windows-1252")
                .hasMessageContaining("option 'charset'");
        byte[] late = ("a,b\n" + "x,y\n".repeat(10_000) + "é").getBytes(ISO_8859_1);
        assertThatThrownBy(() -> read(late, "US-ASCII"))
                .isInstanceOf(RowFormatException.class)
                .hasMessageStartingWith("byte 40004: ");
    }

    @Test
    void half_a_character_at_the_end_is_an_error() {
        byte[] source = TEXT.getBytes(UTF_16LE);
        byte[] cut = Arrays.copyOf(source, source.length - 1);
        assertThatThrownBy(() -> read(cut, "UTF-16LE"))
                .isInstanceOf(RowFormatException.class)
                .hasMessageStartingWith("byte " + (source.length - 2) + ": ");
    }
}
