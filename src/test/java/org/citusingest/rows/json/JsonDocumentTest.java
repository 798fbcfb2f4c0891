package org.citusingest.rows.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.citusingest.rows.DripStream;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowCursor;
import org.citusingest.rows.RowFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonDocumentTest {
    private static final JsonFormat DOCUMENT = JsonFormat.ofDocument();
    private static final List<Map<String, String>> ONE_AND_TWO =
            List.of(Map.of("a", "1"), Map.of("a", "2"));

    private static List<Map<String, String>> read(String text) {
        return JsonRows.of(DOCUMENT, text);
    }

    private static JsonFormat path(String pointer) {
        return DOCUMENT.withPath(ColumnPath.pointer("path", pointer));
    }

    @Test
    void each_object_of_an_array_is_a_row_and_an_object_alone_is_one() {
        assertThat(read("[{\"a\":1},{\"a\":2}]")).isEqualTo(ONE_AND_TWO);
        assertThat(read("\uFEFF\r\n [\n  {\n \"a\" :\n1 } \n,\n{\"a\":2}\n]\n"))
                .isEqualTo(ONE_AND_TWO);
        assertThat(read("{\"a\":{\"b\":\n1}}")).containsExactly(Map.of("a", "{\"b\":\n1}"));
    }

    @Test
    void documents_may_follow_one_another() {
        assertThat(read("{\"a\":1}\n{\"a\":2}")).isEqualTo(ONE_AND_TWO);
        assertThat(read("[{\"a\":1}][]{\"a\":2}[]")).isEqualTo(ONE_AND_TWO);
    }

    @Test
    void records_are_found_by_their_path() {
        String envelope =
                "{\"meta\":{\"items\":[{\"a\":9}],\"n\":[[],{}]},\"da/ta\":{\"x\":null,\"items\":%s,\"y\":\"]\"},\"z\":[1]}";
        JsonFormat format = path("/da~1ta/items");
        String array = envelope.formatted("[{\"a\":1} , {\"a\":2}]");
        assertThat(JsonRows.of(format, array)).isEqualTo(ONE_AND_TWO);
        assertThat(JsonRows.of(format, array + array)).hasSize(4);
        assertThat(JsonRows.of(format, envelope.formatted("{\"a\":1}")))
                .containsExactly(Map.of("a", "1"));
        assertThat(JsonRows.of(format, envelope.formatted("[]"))).isEmpty();
        for (int most = 1; most < 40; most += 3) {
            JsonFormat small = format.withLimits(format.limits().withBatchBytes(most));
            byte[] bytes = array.getBytes(UTF_8);
            assertThat(JsonRows.of(small, new DripStream(bytes, most, most), bytes))
                    .isEqualTo(ONE_AND_TWO);
        }
    }

    @Test
    void a_row_by_itself_is_a_source_of_the_same_form() {
        JsonFormat format = path("/d\"x/items");
        String text = "{\"d\\\"x\":{\"items\":[{\"a\":1},\n{\"a\":2}]}}";
        RowBatch batch =
                JsonReader.factory(format, 2)
                        .read(() -> new ByteArrayInputStream(text.getBytes(UTF_8)), 0)
                        .next();
        RowCursor row = batch.cursor();
        StringBuilder replay = new StringBuilder();
        while (row.next()) {
            replay.append(new String(row.raw(), UTF_8)).append('\n');
        }
        assertThat(JsonRows.of(format, replay.toString())).isEqualTo(ONE_AND_TWO);
        assertThat(row.byteOffset()).isEqualTo(text.indexOf("{\"a\":2"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/a|{\"b\":1}|row 1, byte 6: the document has no value at /a, so",
                "/a/b|{\"a\":1}|row 1, byte 5: the document has no object at /a, so",
                "/a/b|{\"a\":{\"c\":{}}}|row 1, byte 12: the document has no value at /a/b, so",
                "/a|[]|row 1, byte 0: the document has no object at /, so",
                "/a|{\"a\":[{\"x\":1}],\"a\":[]}|row 2, byte 15: the key 'a' of the option 'path' stands twice"
            })
    void a_path_that_leads_nowhere_fails(String path, String text, String message) {
        assertThatThrownBy(() -> JsonRows.of(path(path), text))
                .isInstanceOf(RowFormatException.class)
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[{\"a\":1},{\"a\":2|row 2, byte 15: it is cut off, so where the next row begins is not certain; correct the source",
                "[{\"a\":1}|row 2, byte 8: it is cut off",
                "[{\"a\":1},|row 2, byte 9: it is cut off",
                "[{\"a\":1},]|row 2, byte 9: it is no JSON: a value is expected",
                "[{\"a\":1} {\"a\":2}]|row 2, byte 9: it is no JSON: a comma or ] is expected",
                "[{\"a\":1}],|row 2, byte 9: it is no JSON: a value is expected",
                "[{\"a\":01}]|row 1, byte 7: it is no JSON: a comma or } is expected",
                "{\"a\":1|row 1, byte 6: it is cut off",
                "]|row 1, byte 0: it is no JSON: a value is expected",
                "tru|row 1, byte 3: it is cut off"
            })
    void a_malformed_document_fails_with_the_row_and_the_byte(String text, String message) {
        for (int batchBytes : new int[] {3, 1000}) {
            JsonFormat format = DOCUMENT.withLimits(DOCUMENT.limits().withBatchBytes(batchBytes));
            assertThatThrownBy(() -> JsonRows.of(format, text))
                    .isInstanceOf(RowFormatException.class)
                    .hasMessageStartingWith(message);
        }
    }

    @Test
    void an_element_that_is_no_object_is_a_row_that_is_refused() {
        assertThat(read("[{\"a\":1},5,null,[1],\"x\",{\"\\u0000\":1},{\"a\":2}]"))
                .hasSize(7)
                .extracting(row -> row.getOrDefault(JsonRows.REFUSED, "").replaceAll(" at .*", ""))
                .startsWith("", "it is neither an object nor an array")
                .endsWith("");
        assertThat(
                        JsonRows.of(
                                DOCUMENT.withColumns(ColumnPath.parse("a,b")),
                                "[[1,2],[3,[4]],12 \n]  34"))
                .containsExactly(
                        Map.of("a", "1", "b", "2"),
                        Map.of("a", "3", "b", "[4]"),
                        Map.of(JsonRows.REFUSED, "it is neither an object nor an array at byte 15"),
                        Map.of(
                                JsonRows.REFUSED,
                                "it is neither an object nor an array at byte 22"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "[]", "[ ]\n[\n]"})
    void a_source_without_records_gives_one_empty_batch(String text) {
        assertThat(read(text)).isEmpty();
    }

    @Test
    void batches_of_any_size_have_the_same_rows() {
        String text =
                IntStream.range(0, 200)
                        .mapToObj(i -> "{\"id\":%d, \"t\":\"%s\"}".formatted(i, "x".repeat(i % 30)))
                        .collect(Collectors.joining(" ,\n", "[", "]"));
        List<Map<String, String>> rows = read(text);
        assertThat(rows).hasSize(200);
        byte[] bytes = text.getBytes(UTF_8);
        for (int batchBytes : new int[] {1, 7, 50, 64, 333, 5000}) {
            JsonFormat format = DOCUMENT.withLimits(DOCUMENT.limits().withBatchBytes(batchBytes));
            assertThat(JsonRows.of(format, new DripStream(bytes, 60, batchBytes), bytes))
                    .isEqualTo(rows);
        }
    }

    @Test
    void what_is_longer_than_a_row_may_be_fails_with_its_place_whatever_it_is() {
        JsonFormat format =
                path("/d").withLimits(DOCUMENT.limits().withMaxRecordBytes(40).withBatchBytes(16));
        String filler = "\"" + "x".repeat(50) + "\"";
        assertThatThrownBy(() -> JsonRows.of(format, "{\"d\":[{\"a\":1},{\"a\":" + filler + "}]}"))
                .hasMessageStartingWith("row 2, byte 14: the row is longer than the option");
        assertThatThrownBy(() -> JsonRows.of(format, "{\"skipped\":" + filler + ",\"d\":[]}"))
                .hasMessageStartingWith("row 1, byte 1: the row is longer than the option");
        assertThat(JsonRows.of(format, "{\"d\":[" + " ".repeat(500) + "{\"a\":1}]}")).hasSize(1);
    }

    @Test
    void a_path_must_be_a_pointer() {
        assertThatThrownBy(() -> path("data.items"))
                .hasMessage(
                        "The option 'path' is 'data.items', but it must be a JSON Pointer such as /data/items, in which ~1 stands for / and ~0 for ~");
    }
}
