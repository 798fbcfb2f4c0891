package org.citusingest.rows.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.citusingest.rows.DripStream;

/** Whatever is written as JSON is read back the same. */
final class RandomJsonTest {
    private static final ObjectMapper JACKSON = JsonMapper.builder().build();

    @Provide
    Arbitrary<List<Map<String, String>>> tables() {
        Arbitrary<String> texts =
                Arbitraries.oneOf(
                        Arbitraries.strings()
                                .withChars("a\"\\/\n\r\t\b\u0000\u001F\u007Fé€{}[]:,")
                                .ofMaxLength(20),
                        Arbitraries.of("😀", "日本", "", "null", "\u2028"));
        Arbitrary<String> keys =
                Arbitraries.oneOf(
                        Arbitraries.of("id", "name", "a\"b", "\\", "\n", "é", "", "😀"),
                        Arbitraries.strings().withCharRange('a', 'f').ofMaxLength(3));
        return Arbitraries.maps(keys, texts.injectNull(0.2)).ofMaxSize(6).list().ofMaxSize(12);
    }

    @Property(tries = 500)
    void lines_are_read_back(
            @ForAll("tables") List<Map<String, String>> table,
            @ForAll boolean ascii,
            @ForAll boolean lastLineEnd,
            @ForAll @IntRange(min = 30, max = 300) int batchBytes,
            @ForAll @IntRange(min = 1, max = 40) int chunk)
            throws JsonProcessingException {
        ObjectWriter writer = writer(ascii);
        StringBuilder text = new StringBuilder("{\"first\":\"1\"}\n");
        for (Map<String, String> row : table) {
            text.append(writer.writeValueAsString(row)).append('\n');
        }
        if (!lastLineEnd) {
            text.setLength(text.length() - 1);
        }
        assertReadBack(JsonFormat.ofLines(), text.toString(), table, batchBytes, chunk);
    }

    @Property(tries = 500)
    void documents_are_read_back(
            @ForAll("tables") List<Map<String, String>> table,
            @ForAll boolean ascii,
            @ForAll boolean pretty,
            @ForAll @IntRange(min = 30, max = 300) int batchBytes,
            @ForAll @IntRange(min = 1, max = 40) int chunk)
            throws JsonProcessingException {
        List<Map<String, String>> all = new ArrayList<>(List.of(Map.of("first", "1")));
        all.addAll(table);
        ObjectWriter writer = writer(ascii);
        String text = (pretty ? writer.withDefaultPrettyPrinter() : writer).writeValueAsString(all);
        assertReadBack(JsonFormat.ofDocument(), text, table, batchBytes, chunk);
    }

    private static ObjectWriter writer(boolean ascii) {
        return ascii ? JACKSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII) : JACKSON.writer();
    }

    private static void assertReadBack(
            JsonFormat format,
            String text,
            List<Map<String, String>> table,
            int batchBytes,
            int chunk) {
        byte[] bytes = text.getBytes(UTF_8);
        List<Map<String, String>> expected = new ArrayList<>();
        for (Map<String, String> row : table) {
            Map<String, String> values = new LinkedHashMap<>(row);
            values.values().removeIf(java.util.Objects::isNull);
            expected.add(values);
        }
        List<Map<String, String>> rows =
                JsonRows.of(
                        format.withLimits(format.limits().withBatchBytes(batchBytes)),
                        new DripStream(bytes, chunk, chunk),
                        bytes);
        assertThat(rows.subList(1, rows.size())).isEqualTo(expected);
    }
}
