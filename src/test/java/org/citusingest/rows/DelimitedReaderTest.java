package org.citusingest.rows;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DelimitedReaderTest {
    private static DelimitedFormat.Builder csv() {
        return DelimitedFormat.builder();
    }

    private static DelimitedFormat.Builder noHeader() {
        return csv().header(false);
    }

    private static List<String> row(String... fields) {
        return Arrays.asList(fields);
    }

    private static DelimitedReader reader(String source, DelimitedFormat.Builder format) {
        return new DelimitedReader(
                new ByteArrayInputStream(source.getBytes(UTF_8)), format.build());
    }

    private static RowFormatException failure(ThrowingCallable reading) {
        List<RowFormatException> thrown = new ArrayList<>();
        assertThatThrownBy(reading)
                .isInstanceOfSatisfying(RowFormatException.class, thrown::add)
                .message()
                .doesNotContain("\n");
        return thrown.get(0);
    }

    @Test
    void an_unquoted_empty_field_is_null_and_a_quoted_one_is_empty() {
        assertThat(Rows.of("a,b,c\n,\"\",x\n", csv())).containsExactly(row(null, "", "x"));
    }

    @Test
    void a_null_token_is_null_only_without_quotes() {
        assertThat(Rows.of("a,b,c,d\n\\N,\"\\N\",,\\Nx\n", csv().nullToken("\\N")))
                .containsExactly(row(null, "\\N", "", "\\Nx"));
    }

    @Test
    void the_header_names_the_columns_as_written() {
        try (DelimitedReader reader = reader("id, name ,\"a \"\"b\"\"\"\n1,2,3\n", csv())) {
            assertThat(reader.next().columns()).containsExactly("id", " name ", "a \"b\"");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void given_columns_replace_those_of_the_header() {
        DelimitedReader reader = reader("x,x\n1,2\n", csv().columns(List.of("a", "b")));
        RowBatch batch = reader.next();
        assertThat(batch.columns()).containsExactly("a", "b");
        assertThat(Rows.of(batch)).containsExactly(row("1", "2"));
    }

    @Test
    void given_columns_name_those_of_a_source_without_header() {
        DelimitedReader reader = reader("1,2\n", noHeader().columns(List.of("a", "b")));
        RowBatch batch = reader.next();
        assertThat(batch.columns()).containsExactly("a", "b");
        assertThat(Rows.of(batch)).containsExactly(row("1", "2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a,b", "a,b\n", "\n\na,b\r\n\n", "\uFEFFa,b\n"})
    void a_source_without_rows_gives_one_empty_batch(String source) {
        DelimitedReader reader = reader(source, csv());
        RowBatch batch = reader.next();
        assertThat(batch.size()).isZero();
        assertThat(batch.columns()).isEqualTo(source.isEmpty() ? List.of() : List.of("a", "b"));
        assertThat(batch.cursor().next()).isFalse();
        assertThat(batch.span())
                .isEqualTo(new RowBatch.Span(0, 1, 0, source.getBytes(UTF_8).length));
        assertThat(reader.hasNext()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void a_byte_order_mark_is_no_part_of_the_header(int batchBytes) {
        DelimitedReader reader = reader("\uFEFFa,b\n1,2\n", csv().batchBytes(batchBytes));
        RowBatch batch = reader.next();
        assertThat(batch.columns()).containsExactly("a", "b");
        RowCursor cursor = batch.cursor();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.byteOffset()).isEqualTo(7);
    }

    @Test
    void a_header_with_a_name_twice_is_refused() {
        RowFormatException e = failure(() -> Rows.of("\uFEFFid,a,id\n1,2,3\n", csv()));
        assertThat(e)
                .hasMessageStartingWith("header, byte 3: columns 1 and 3 are both named 'id'")
                .hasMessageContaining("option 'columns'");
        assertThat(e.rowNumber()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"id,,b\n", "id,\"\",b\n", "id,"})
    void a_header_with_an_empty_name_is_refused(String source) {
        assertThat(failure(() -> Rows.of(source, csv())))
                .hasMessageStartingWith("header, byte 0: column 2 has no name");
    }

    @Test
    void ragged_rows_are_left_to_the_reader_of_the_batch() {
        assertThat(Rows.of("a,b\n1\n1,2,3\n1,2\n", csv()))
                .containsExactly(row("1"), row("1", "2", "3"), row("1", "2"));
    }

    @Test
    void an_empty_line_is_a_row_where_there_is_one_column() {
        assertThat(Rows.of("a\n1\n\n\r\n2\n\n", csv()))
                .containsExactly(
                        row("1"),
                        row((String) null),
                        row((String) null),
                        row("2"),
                        row((String) null));
        assertThat(Rows.of("\n1\n", noHeader().columns(List.of("a"))))
                .containsExactly(row((String) null), row("1"));
        assertThat(Rows.of("a,b\n1,2\n\n\r\n3,4\n\n", csv()))
                .containsExactly(row("1", "2"), row("3", "4"));
    }

    @Test
    void lines_that_start_with_the_comment_character_are_skipped() {
        String source = "# by x\na,b\n#\n1,#2\n # 3,4\n\"#5\",6\n#7,\"8\n# end";
        assertThat(Rows.of(source, csv().comment("#")))
                .containsExactly(row("1", "#2"), row(" # 3", "4"), row("#5", "6"));
        for (int batchBytes = 1; batchBytes < 30; batchBytes++) {
            assertThat(Rows.of(source, csv().comment("#").batchBytes(batchBytes))).hasSize(3);
        }
    }

    @Test
    void a_backslash_and_a_dot_are_data() {
        assertThat(Rows.of("a\n\\.\nb\n", csv())).containsExactly(row("\\."), row("b"));
    }

    @Test
    void an_escape_makes_the_next_quote_or_escape_ordinary_inside_quotes_only() {
        assertThat(
                        Rows.of(
                                "a,b,c\n\"x\\\"y\",\"\\\\\",\"\\n\"\nx\\y,\\,\"\"\"\\\"\"\n",
                                csv().escape("\\")))
                .containsExactly(row("x\"y", "\\", "\\n"), row("x\\y", "\\", "\"\""));
    }

    @Test
    void without_a_quote_every_quote_is_data() {
        assertThat(Rows.of("a\tb\n\"x\t\"\"\n", csv().delimiter("tab").quote("none")))
                .containsExactly(row("\"x", "\"\""));
    }

    @Test
    void text_after_a_closing_quote_is_refused_with_its_place() {
        RowFormatException e = failure(() -> Rows.of("a,b\n1,2\n3,\"4\"5\n", csv()));
        assertThat(e)
                .hasMessageStartingWith("row 2, byte 13: text follows the closing quote of field 2")
                .hasMessageContaining("double the quotes");
        assertThat(e.rowNumber()).isEqualTo(2);
        assertThat(e.byteOffset()).isEqualTo(13);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 64, 8 << 20})
    void an_unclosed_quote_is_refused_with_the_place_where_it_opens(int batchBytes) {
        RowFormatException e =
                failure(() -> Rows.of("a,b\n1,2\n3,\"4\n5,6\n", csv().batchBytes(batchBytes)));
        assertThat(e).hasMessageStartingWith("row 2, byte 10: the quote that opens here");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 64, 8 << 20})
    void a_row_longer_than_allowed_is_refused_with_the_likely_cause(int batchBytes) {
        DelimitedFormat.Builder format = csv().maxRecordBytes(20).batchBytes(batchBytes);
        String exactly = "a,b\n1,2\n" + "x".repeat(18) + ",2\r\n";
        assertThat(Rows.of(exactly, format)).hasSize(2);
        assertThat(failure(() -> Rows.of("a,b\n1,2\n" + "x".repeat(19) + ",2\r\n3,4\n", format)))
                .hasMessageStartingWith("row 2, byte 8: the row is longer than")
                .hasMessageContaining("maxRecordBytes");
    }

    @Test
    void an_unclosed_quote_in_a_long_source_names_where_it_opens() {
        DelimitedFormat.Builder format = csv().maxRecordBytes(100).batchBytes(10);
        assertThat(failure(() -> Rows.of("a,b\n1,\"2\n" + "3,4\n".repeat(100), format)))
                .hasMessageStartingWith("row 1, byte 4: the row is longer than")
                .hasMessageContaining("the quote that opens at byte 6 is not closed");
    }

    @Test
    void batches_end_with_the_last_row_within_their_size() {
        DelimitedReader reader =
                reader("a,b\n1,2\n3,4\nlong,long,long\n5,6\n7,8\n", csv().batchBytes(10));
        List<List<List<String>>> batches = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        reader.forEachRemaining(
                batch -> {
                    batches.add(Rows.of(batch));
                    ends.add(batch.span().to());
                });
        assertThat(batches)
                .containsExactly(
                        List.of(row("1", "2")),
                        List.of(row("3", "4")),
                        List.of(row("long", "long", "long")),
                        List.of(row("5", "6"), row("7", "8")));
        assertThat(ends).containsExactly(8L, 12L, 27L, 35L);
    }

    @Test
    void the_source_is_not_opened_before_the_first_batch_is_asked_for() throws IOException {
        AtomicInteger opened = new AtomicInteger();
        Source source =
                () -> {
                    opened.incrementAndGet();
                    return new ByteArrayInputStream("a\n1\n".getBytes(UTF_8));
                };
        try (DelimitedReader reader = new DelimitedReader(source, csv().build())) {
            assertThat(opened).hasValue(0);
            assertThat(reader.hasNext()).isTrue();
            assertThat(reader.next().size()).isEqualTo(1);
            assertThat(reader.hasNext()).isFalse();
            assertThat(opened).hasValue(1);
        }
    }

    @Test
    void closing_closes_the_stream_once_even_when_nothing_was_read() throws IOException {
        AtomicInteger closed = new AtomicInteger();
        InputStream in =
                new ByteArrayInputStream(new byte[0]) {
                    @Override
                    public void close() {
                        closed.incrementAndGet();
                    }
                };
        DelimitedReader reader = new DelimitedReader(in, csv().build());
        reader.close();
        reader.close();
        assertThat(closed).hasValue(1);
        assertThatThrownBy(reader::hasNext)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed before its end");
    }

    @Test
    void a_read_error_is_thrown_again_and_never_looks_like_the_end() {
        InputStream broken =
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("connection reset");
                    }

                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        throw new IOException("connection reset");
                    }
                };
        InputStream in =
                new SequenceInputStream(
                        new ByteArrayInputStream("a,b\n1,2\n3,4\n".getBytes(UTF_8)), broken);
        DelimitedReader reader = new DelimitedReader(in, csv().batchBytes(8).build());
        assertThat(Rows.of(reader.next())).containsExactly(row("1", "2"));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(
                            () -> {
                                reader.next();
                                reader.next();
                            })
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("connection reset");
        }
    }

    @Test
    void a_released_batch_is_not_read_any_more() {
        RowBatch batch = reader("a\n1\n", csv()).next();
        RowCursor cursor = batch.cursor();
        batch.release();
        batch.release();
        assertThatThrownBy(cursor::next).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(batch::cursor)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Batch 0 was released");
    }
}
