package org.citusingest.rows.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowCursor;
import org.citusingest.rows.RowFormatException;
import org.citusingest.rows.RowReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonLinesTest {
    private static final JsonFormat LINES = JsonFormat.ofLines();

    private static List<Map<String, String>> read(String text) {
        return JsonRows.of(LINES, text);
    }

    private static JsonFormat columns(String columns) {
        return LINES.withColumns(ColumnPath.parse(columns));
    }

    private static JsonFormat batchBytes(int bytes) {
        return LINES.withLimits(LINES.limits().withBatchBytes(bytes));
    }

    private static List<RowBatch> batches(JsonFormat format, String text) {
        RowReader reader =
                JsonReader.factory(format, 2)
                        .read(() -> new ByteArrayInputStream(text.getBytes(UTF_8)), 0);
        List<RowBatch> batches = new ArrayList<>();
        reader.forEachRemaining(batches::add);
        return batches;
    }

    private static String refusal(String line) {
        return read("{\"a\":1}\n" + line + "\n{\"a\":2}\n").get(1).get(JsonRows.REFUSED);
    }

    @Test
    void a_value_is_its_text_and_what_is_nested_stays_json() {
        assertThat(
                        read(
                                """
                                {"i": -1.50E+3, "s": "\\u00e9\\n\\"\\ud83d\\ude00\\/", "t":true,"f" : false , "n":null}
                                {"s":"", "o": {"a": [1, {"b": "}]\\""}]}, "l":[ ]}
                                """))
                .containsExactly(
                        Map.of("i", "-1.50E+3", "s", "é\n\"😀/", "t", "true", "f", "false"),
                        Map.of("s", "", "o", "{\"a\": [1, {\"b\": \"}]\\\"\"}]}", "l", "[ ]"));
    }

    @Test
    void the_columns_are_the_keys_in_the_order_in_which_they_appear_batch_by_batch() {
        List<RowBatch> batches =
                batches(batchBytes(16), "{\"b\":1,\"a\":2}\n{\"a\":3}\n{\"c\":4,\"a\":5}\n");

        assertThat(batches).extracting(RowBatch::size).containsExactly(1, 1, 1);
        assertThat(batches)
                .extracting(RowBatch::columns)
                .containsExactly(List.of("b", "a"), List.of("b", "a"), List.of("b", "a", "c"));
        assertThat(batches.get(1).columns()).isSameAs(batches.get(0).columns());
        assertThat(batches).extracting(RowBatch::header).containsOnly(new byte[0]);
    }

    @Test
    void the_last_of_several_values_of_a_key_counts_as_in_jsonb() {
        assertThat(read("{\"a\":1,\"b\":2,\"a\":\"x\"}\n{\"a\":1,\"\\u0061\":null,\"b\":3}"))
                .containsExactly(Map.of("a", "x", "b", "2"), Map.of("b", "3"));
    }

    @Test
    void a_key_that_stands_twice_and_leads_to_columns_is_no_certain_one() {
        assertThat(
                        JsonRows.of(
                                columns("x=u.x, y=u.v.y, u"),
                                """
                                {"u":{"x":1,"v":{"y":2}},"u":{"v":{}}}
                                {"u":{"x":1,"v":{"y":2}},"u":7}
                                {"u":{"x":1,"v":{"y":2},"v":{"z":1}}}
                                {"u":{"x":1,"x":2},"w":{"x":3}}
                                """))
                .extracting(row -> row.getOrDefault(JsonRows.REFUSED, row.get("x")))
                .containsExactly(
                        "a key, in whose value the option 'columns' names others, stands twice: the second value stands at byte 29",
                        "a key, in whose value the option 'columns' names others, stands twice: the second value stands at byte 68",
                        "a key, in whose value the option 'columns' names others, stands twice: the second value stands at byte 99",
                        "2");
    }

    @Test
    void columns_are_taken_from_nested_values_by_their_paths() {
        String line =
                "{\"id\":7,\"user\":{\"name\":\"A\",\"a.b\":[\"x\",[\"y\",2]]},\"tags\":[1],\"~/\":\"t\"}\n";
        assertThat(
                        JsonRows.of(
                                columns(
                                        "id, user.name, dots=/user/a.b/1/0, tags, odd=/~0~1,"
                                                + "none=user.name.x, none2=/tags/1, none3=tags.a"),
                                line))
                .containsExactly(
                        Map.of(
                                "id",
                                "7",
                                "user.name",
                                "A",
                                "dots",
                                "y",
                                "tags",
                                "[1]",
                                "odd",
                                "t"));
    }

    @Test
    void rows_that_are_arrays_have_the_columns_that_are_given() {
        assertThat(
                        JsonRows.of(
                                columns("a,b,c"),
                                "[1,\"x\",[2,{}]]\n[ null , true,\"\\n\"]\n{\"b\":5}\n"))
                .containsExactly(
                        Map.of("a", "1", "b", "x", "c", "[2,{}]"),
                        Map.of("b", "true", "c", "\n"),
                        Map.of("b", "5"));
        assertThat(JsonRows.of(columns("a,b"), "[1,2]\n[1]\n[]\n[1,2,3]\n[1,2"))
                .extracting(row -> row.get(JsonRows.REFUSED))
                .containsExactly(
                        null,
                        "the array has not as many elements as the option 'columns' has names at byte 6",
                        "the array has not as many elements as the option 'columns' has names at byte 10",
                        "the array has not as many elements as the option 'columns' has names at byte 13",
                        "it is cut off at byte 25");
        assertThat(refusal("[1]")).contains("unless the option 'columns' gives them");
    }

    @Test
    void lines_end_with_a_line_feed_and_blank_ones_are_none() {
        List<Map<String, String>> rows = List.of(Map.of("a", "1"), Map.of("a", "2"));
        assertThat(read("{\"a\":1}\r\n{\"a\":2}\r\n")).isEqualTo(rows);
        assertThat(read("\n \t\r\n{\"a\":1} \n\n\n  {\"a\":2}")).isEqualTo(rows);
        assertThat(read("\uFEFF{\"a\":1}\n{\"a\"\t:\r2}\n")).isEqualTo(rows);
        assertThat(JsonRows.of(batchBytes(1), "\n\n{\"a\":1}\n\n\n{\"a\":2}\n\n\n"))
                .isEqualTo(rows);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", " \r\n\n\t", "\uFEFF", "\uFEFF\n"})
    void a_source_without_rows_gives_one_empty_batch(String text) {
        List<RowBatch> batches = batches(LINES, text);
        assertThat(batches).hasSize(1);
        assertThat(batches.get(0).size()).isZero();
        assertThat(batches.get(0).columns()).isEmpty();
        assertThat(batches(columns("a"), text).get(0).columns()).containsExactly("a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":1|it is cut off at byte 14",
                "{\"a\":1,}|it is no JSON: a key in double quotes is expected at byte 15",
                "{\"a\" 1}|it is no JSON: a colon is expected at byte 13",
                "{\"a\":1 \"b\":2}|it is no JSON: a comma or } is expected at byte 15",
                "{\"a\":[1 2]}|it is no JSON: a comma or ] is expected at byte 16",
                "{\"a\":[1,]}|it is no JSON: a value is expected at byte 16",
                "{\"a\":}|it is no JSON: a value is expected at byte 13",
                "{\"a\":nul}|it is no JSON: a value is expected at byte 13",
                "{\"a\":nul|it is cut off at byte 16",
                "{'a':1}|it is no JSON: a key in double quotes is expected at byte 9",
                "{\"a\":01}|it is no JSON: a comma or } is expected at byte 14",
                "{\"a\":1.}|it is no JSON: a digit is missing in the number at byte 15",
                "{\"a\":-}|it is no JSON: a digit is missing in the number at byte 14",
                "{\"a\":1e+}|it is no JSON: a digit is missing in the number at byte 16",
                "{\"a\":+1}|it is no JSON: a value is expected at byte 13",
                "{\"a\":NaN}|it is no JSON: a value is expected at byte 13",
                "{\"a\":\"x\ty\"}|it is no JSON: a control character, which has to be escaped, stands in a string at byte 15",
                "{\"a\":\"\\x\"}|it is no JSON: no escape of a string begins with what stands at byte 15",
                "{\"a\":\"\\u12g4\"}|it is no JSON: no escape of a string begins with what stands at byte 18",
                "{\"a\":\"x|it is cut off at byte 15",
                "{\"a\":1}{\"a\":2}|something follows the end of the JSON in this line at byte 15",
                "{\"a\":1},|something follows the end of the JSON in this line at byte 15",
                "5|it is neither an object nor an array at byte 8",
                "\"x\"|it is neither an object nor an array at byte 8",
                "{\"\\u0000\":1}|a key is no text in UTF-8 that a column could have for a name at byte 10",
                "{\"\\ud800\":1}|a key is no text in UTF-8 that a column could have for a name at byte 10",
                "hello|it is no JSON: a value is expected at byte 8"
            })
    void a_line_that_is_no_record_is_a_row_that_is_refused(String line, String reason) {
        assertThat(refusal(line)).isEqualTo(reason);
    }

    @Test
    void what_stands_in_a_line_that_is_refused_is_no_column() {
        String text =
                "{\"a\":1}\n{\"b\":1,\n{\"c\":1}}\n{\"d\":1,\"\\u0000\":1}\n{\"e\":1,\"a\":2}";
        assertThat(batches(LINES, text).get(0).columns()).containsExactly("a", "e");
        assertThat(read(text).get(4)).isEqualTo(Map.of("a", "2", "e", "1"));
    }

    @Test
    void a_surrogate_that_stands_alone_becomes_no_question_mark_but_bytes_that_are_no_text() {
        RowCursor row = batches(LINES, "{\"a\":\"x\\ud800y\"}").get(0).cursor();
        row.next();
        Field field = new Field();
        row.read(0, field);
        assertThat(java.util.Arrays.copyOfRange(field.bytes(), field.start(), field.end()))
                .isEqualTo(new byte[] {'x', (byte) 0xED, (byte) 0xA0, (byte) 0x80, 'y'});
    }

    @Test
    void the_depth_has_a_limit() {
        JsonFormat flat = LINES.withMaxDepth(3);
        assertThat(JsonRows.of(flat, "{\"a\":[{}],\"b\":1}\n{\"a\":[[[]]]}\n"))
                .containsExactly(
                        Map.of("a", "[{}]", "b", "1"),
                        Map.of(
                                JsonRows.REFUSED,
                                "it is nested deeper than the option 'maxDepth' allows at byte 24"));
        assertThat(
                        JsonRows.of(
                                flat.withColumns(ColumnPath.parse("a.b.c.d,e")),
                                "{\"e\":1}\n{\"a\":{\"b\":{\"c\":{\"d\":1}}}}"))
                .extracting(row -> row.containsKey(JsonRows.REFUSED))
                .containsExactly(false, true);
        String deep = "[".repeat(1_000_000);
        assertThat(refusal("{\"a\":" + deep)).contains("deeper").endsWith("byte 76");
    }

    @Test
    void a_source_whose_first_batch_has_no_column_fails_with_its_first_row() {
        assertThatThrownBy(() -> read("\nid,name\n1,x\n"))
                .isInstanceOf(RowFormatException.class)
                .hasMessageStartingWith(
                        "row 1, byte 1: it is no JSON: a value is expected at byte 1, and no row after it is an object with keys");
        assertThatThrownBy(() -> read("{}\n{}\n"))
                .hasMessageStartingWith("row 1, byte 0: it has no key, and");
    }

    @Test
    void keys_that_are_values_do_not_fill_the_memory() {
        String text =
                IntStream.range(0, 10_000)
                        .mapToObj(i -> "\"k" + i + "\":" + i)
                        .collect(Collectors.joining(",", "{", "}\n{\"one more\":1}\n"));
        List<Map<String, String>> rows = read(text);
        assertThat(rows.get(0)).hasSize(10_000).containsEntry("k9999", "9999");
        assertThat(rows.get(1).get(JsonRows.REFUSED))
                .startsWith("there are more than 10000 different keys");
        assertThat(JsonRows.of(columns("one more"), text).get(1))
                .isEqualTo(Map.of("one more", "1"));
    }

    @Test
    void a_row_may_have_hundreds_of_columns_most_of_them_null() {
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < 500; row++) {
            StringBuilder line = new StringBuilder("{\"id\":" + row);
            for (int i = row % 7; i < 300; i += 1 + row % 50) {
                line.append(",\"c").append(i).append("\":").append(i % 3 == 0 ? "null" : "\"v\"");
            }
            lines.add(line + "}");
        }
        List<Map<String, String>> rows = read(String.join("\n", lines));
        assertThat(rows).hasSize(500);
        assertThat(rows.get(0)).hasSize(201).containsEntry("c1", "v").doesNotContainKey("c0");
        assertThat(rows.get(499))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("id", "499", "c2", "v", "c52", "v", "c152", "v", "c202", "v"));
    }

    @Test
    void a_line_longer_than_a_batch_is_a_batch_of_its_own() {
        String text = "{\"a\":1}\n{\"a\":\"" + "x".repeat(100) + "\"}\n{\"a\":2}\n{\"a\":3}\n";
        List<RowBatch> batches = batches(batchBytes(20), text);
        assertThat(batches).extracting(RowBatch::size).containsExactly(1, 1, 2);
        assertThat(JsonRows.of(batchBytes(20), text)).hasSize(4);
    }

    @Test
    void a_line_longer_than_allowed_fails_with_its_place() {
        JsonFormat format = LINES.withLimits(LINES.limits().withMaxRecordBytes(50));
        String text = "{\"a\":1}\n{\"a\":\"" + "x".repeat(50) + "\"}\n";
        for (JsonFormat each :
                List.of(format, format.withLimits(format.limits().withBatchBytes(10)))) {
            assertThatThrownBy(() -> JsonRows.of(each, text))
                    .isInstanceOf(RowFormatException.class)
                    .hasMessage(
                            "row 2, byte 8: the row is longer than the option 'maxRecordBytes' allows, 50 bytes; perhaps the source is not one JSON value a line, else raise the option");
        }
    }

    @Test
    void a_compressed_source_is_known_by_its_first_bytes() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write("{\"a\":1}\n".getBytes(UTF_8));
        }
        assertThat(JsonRows.of(LINES, new ByteArrayInputStream(bytes.toByteArray()), null))
                .containsExactly(Map.of("a", "1"));
        byte[] half = java.util.Arrays.copyOf(bytes.toByteArray(), bytes.size() - 6);
        assertThatThrownBy(() -> JsonRows.of(LINES, new ByteArrayInputStream(half), null))
                .isInstanceOf(RowFormatException.class)
                .hasMessageContaining("damaged or cut off");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void another_encoding_is_known_by_its_byte_order_mark(String charset) {
        byte[] bytes = "\uFEFF{\"a\":\"é😀\"}\n".getBytes(Charset.forName(charset));
        assertThat(JsonRows.of(LINES, new ByteArrayInputStream(bytes), null))
                .containsExactly(Map.of("a", "é😀"));
    }

    @Test
    void rows_of_a_declared_encoding_are_kept_as_utf_8_and_say_so() {
        byte[] bytes = "{\"a\":\"é\"}".getBytes(Charset.forName("windows-1252"));
        JsonFormat format = LINES.withCharset(Charset.forName("windows-1252"));
        RowBatch batch =
                JsonReader.factory(format, 2).read(() -> new ByteArrayInputStream(bytes), 0).next();
        RowCursor row = batch.cursor();
        row.next();
        String replay = new String(batch.header(), UTF_8) + "\n" + new String(row.raw(), UTF_8);
        assertThat(JsonRows.of(format, replay)).containsExactly(Map.of("a", "é"));
    }

    @Test
    void wrong_options_are_refused() {
        assertThatThrownBy(() -> LINES.withMaxDepth(0))
                .hasMessage("The option 'maxDepth' is '0', but it must be from 1 to 1000");
        assertThatThrownBy(() -> columns("a,,b"))
                .hasMessage(
                        "The option 'columns' is 'a,,b', but it must be names, or name=place, separated by commas; found ''");
        assertThatThrownBy(() -> columns("a=x,a=y"))
                .hasMessage("The option 'columns' is 'a=x,a=y', but 'a' stands twice");
        assertThatThrownBy(() -> columns("a=x.y,b=/x/y"))
                .hasMessage("The option 'columns' takes 'a' and 'b' from the same place");
        assertThatThrownBy(() -> columns("a=/x~2"))
                .hasMessageContaining("it must be a JSON Pointer");
    }
}
