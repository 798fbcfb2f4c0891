package org.citusingest.rows.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.citusingest.rows.DripStream;
import org.citusingest.rows.RowFormatException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Jackson reads is read the same, and what it refuses is refused, however it was damaged. */
final class JsonFuzzTest {
    private static final ObjectMapper JACKSON =
            new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS);

    /** Takes one document of several. */
    private static final ObjectMapper NODES =
            JACKSON.copy().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final byte[] SYNTAX = "{}[]\",:\\\n\r\t u0d8-+.eE1nulltrue /\0é".getBytes(UTF_8);
    private static final String FIRST = "{\"first\":1}\n";
    private static final JsonFormat LINES = JsonFormat.ofLines();
    private static final JsonFormat DOCUMENT = JsonFormat.ofDocument();

    /** An object as text, of any shape. */
    private static String object(Random random, int depth) {
        StringBuilder text = new StringBuilder("{");
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : ",").append(space(random));
            text.append(string(random)).append(space(random)).append(':');
            text.append(space(random)).append(value(random, depth)).append(space(random));
        }
        return text.append('}').toString();
    }

    private static String value(Random random, int depth) {
        return switch (random.nextInt(depth > 4 ? 6 : 8)) {
            case 0 -> "null";
            case 1 -> random.nextBoolean() ? "true" : "false";
            case 2 -> Integer.toString(random.nextInt(2000) - 1000);
            case 3 ->
                    "%d.%03dE%s%d"
                            .formatted(
                                    random.nextInt(9),
                                    random.nextInt(999),
                                    random.nextBoolean() ? "-" : "+",
                                    random.nextInt(30));
            case 4, 5 -> string(random);
            case 6 -> object(random, depth + 1);
            default -> {
                List<String> values = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    values.add(value(random, depth + 1));
                }
                yield "[" + String.join("," + space(random), values) + "]";
            }
        };
    }

    private static String string(Random random) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = random.nextInt(random.nextInt(10) == 0 ? 40 : 4); i > 0; i--) {
            text.append(
                    switch (random.nextInt(9)) {
                        case 0 -> "\\" + "\"\\/bfnrt".charAt(random.nextInt(8));
                        case 1 -> "\\u%04X".formatted(1 + random.nextInt(0xD7FF));
                        case 2 -> "\\ud83d\\uDE0%d".formatted(random.nextInt(10));
                        case 3 -> "é";
                        case 4 -> "😀";
                        default -> String.valueOf((char) ('a' + random.nextInt(4)));
                    });
        }
        return text.append('"').toString();
    }

    private static String space(Random random) {
        return random.nextInt(5) == 0 ? " \t".substring(random.nextInt(2)) : "";
    }

    /** The same with some bytes changed, put in or taken out, but none of the first. */
    private static byte[] damaged(byte[] bytes, int from, Random random) {
        byte[] damaged = bytes.clone();
        for (int i = random.nextInt(4); i > 0 && damaged.length > from; i--) {
            int at = from + random.nextInt(damaged.length - from);
            byte other =
                    random.nextInt(4) == 0
                            ? (byte) random.nextInt(256)
                            : SYNTAX[random.nextInt(SYNTAX.length)];
            int cut = random.nextInt(3) == 0 ? 0 : random.nextInt(2);
            boolean put = random.nextInt(3) > 0;
            byte[] next = new byte[damaged.length - cut + (put ? 1 : 0)];
            System.arraycopy(damaged, 0, next, 0, at);
            if (put) {
                next[at] = other;
            }
            int rest = damaged.length - at - cut;
            System.arraycopy(damaged, at + cut, next, next.length - rest, rest);
            damaged = next;
        }
        return damaged;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void lines_are_read_as_by_jackson(long seed) throws IOException {
        Random random = new Random(seed);
        int refused = 0;
        for (int file = 0; file < 1_500; file++) {
            StringBuilder text = new StringBuilder(FIRST);
            for (int i = random.nextInt(6); i >= 0; i--) {
                text.append(object(random, 0)).append(random.nextInt(9) == 0 ? "\r\n" : "\n");
            }
            byte[] bytes = damaged(text.toString().getBytes(UTF_8), FIRST.length(), random);
            JsonFormat format = withBatchBytes(LINES, random);
            List<Map<String, String>> rows =
                    JsonRows.of(format, new DripStream(bytes, 100, seed), bytes);
            List<byte[]> lines = lines(bytes);
            assertThat(rows).hasSize(lines.size());
            for (int i = 0; i < rows.size(); i++) {
                Optional<String> line = text(lines.get(i));
                if (line.isPresent()) {
                    Optional<JsonNode> expected = record(line.get());
                    refused += expected.isPresent() ? 0 : 1;
                    assertSame(line.get(), rows.get(i), expected);
                }
            }
        }
        assertThat(refused).isGreaterThan(500);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void documents_are_read_as_by_jackson(long seed) throws IOException {
        Random random = new Random(seed);
        int refused = 0;
        for (int file = 0; file < 1_500; file++) {
            List<String> objects = new ArrayList<>(List.of(FIRST));
            for (int i = random.nextInt(6); i >= 0; i--) {
                objects.add(object(random, 0));
            }
            String array = "[" + String.join(random.nextBoolean() ? "," : " ,\n", objects) + "]\n";
            byte[] bytes = damaged(array.getBytes(UTF_8), FIRST.length() + 1, random);
            Optional<String> text = text(bytes);
            if (text.isEmpty()) {
                continue;
            }
            JsonFormat format = withBatchBytes(DOCUMENT, random);
            Optional<List<JsonNode>> expected = records(text.get());
            List<Map<String, String>> rows = null;
            try {
                rows = JsonRows.of(format, new DripStream(bytes, 100, seed), bytes);
            } catch (RowFormatException e) {
                assertThat(e.getMessage()).startsWith("row ").doesNotContain("\n");
            }
            assertThat(rows != null).as(text.get()).isEqualTo(expected.isPresent());
            refused += rows == null ? 1 : 0;
            if (rows != null) {
                assertThat(rows).hasSize(expected.get().size());
                for (int i = 0; i < rows.size(); i++) {
                    assertSame(text.get(), rows.get(i), usable(expected.get().get(i)));
                }
            }
        }
        assertThat(refused).isGreaterThan(300);
    }

    private static JsonFormat withBatchBytes(JsonFormat format, Random random) {
        // The first record names a column in each of them.
        int bytes = FIRST.length() + 1 + random.nextInt(300);
        return format.withLimits(format.limits().withBatchBytes(bytes));
    }

    private static List<byte[]> lines(byte[] bytes) {
        List<byte[]> lines = new ArrayList<>();
        int start = 0;
        for (int at = 0; at <= bytes.length; at++) {
            if (at == bytes.length || bytes[at] == '\n') {
                byte[] line = java.util.Arrays.copyOfRange(bytes, start, at);
                if (!isBlank(line)) {
                    lines.add(line);
                }
                start = at + 1;
            }
        }
        return lines;
    }

    private static boolean isBlank(byte[] line) {
        for (byte c : line) {
            if (c != ' ' && c != '\t' && c != '\r') {
                return false;
            }
        }
        return true;
    }

    /** What is no UTF-8 is not this parser's to judge. */
    private static Optional<String> text(byte[] bytes) {
        try {
            return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static Optional<JsonNode> record(String line) {
        try {
            return usable(JACKSON.readTree(line));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** The elements of the arrays and the objects that follow one another. */
    private static Optional<List<JsonNode>> records(String text) throws IOException {
        List<JsonNode> records = new ArrayList<>();
        try (JsonParser documents = JACKSON.createParser(text)) {
            while (documents.nextToken() != null) {
                JsonNode document = NODES.readTree(documents);
                if (document.isArray()) {
                    document.forEach(records::add);
                } else {
                    records.add(document);
                }
            }
            return Optional.of(records);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** An object whose keys may be names of columns. */
    private static Optional<JsonNode> usable(JsonNode node) {
        if (!node.isObject()) {
            return Optional.empty();
        }
        for (String key : (Iterable<String>) node::fieldNames) {
            if (key.indexOf('\0') >= 0 || !UTF_8.newEncoder().canEncode(key)) {
                return Optional.empty();
            }
        }
        return Optional.of(node);
    }

    private static void assertSame(
            String text, Map<String, String> row, Optional<JsonNode> expected)
            throws JsonProcessingException {
        assertThat(row.containsKey(JsonRows.REFUSED)).as(text).isEqualTo(expected.isEmpty());
        if (expected.isEmpty()) {
            return;
        }
        Map<String, JsonNode> values = new TreeMap<>();
        expected.get()
                .properties()
                .forEach(
                        property -> {
                            if (!property.getValue().isNull()) {
                                values.put(property.getKey(), property.getValue());
                            }
                        });
        assertThat(new TreeSet<>(row.keySet())).as(text).isEqualTo(values.keySet());
        for (Map.Entry<String, JsonNode> value : values.entrySet()) {
            String read = row.get(value.getKey());
            if (!value.getValue().isTextual()) {
                assertThat(JACKSON.readTree(read)).as(text).isEqualTo(value.getValue());
            } else if (UTF_8.newEncoder().canEncode(value.getValue().asText())) {
                assertThat(read).as(text).isEqualTo(value.getValue().asText());
            } else {
                // A surrogate that stands alone is no text, and not a question mark either.
                assertThat(read).as(text).contains("\uFFFD");
            }
        }
    }
}
