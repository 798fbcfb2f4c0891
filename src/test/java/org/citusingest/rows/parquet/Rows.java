package org.citusingest.rows.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowCursor;
import org.citusingest.rows.RowReader;
import org.citusingest.rows.Source;

/** Rows of Parquet files as texts. */
final class Rows {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private Rows() {}

    static Source source(Path file) {
        return new Source() {
            @Override
            public java.io.InputStream open() throws IOException {
                return Files.newInputStream(file);
            }

            @Override
            public SeekableByteChannel channel() throws IOException {
                return Files.newByteChannel(file);
            }
        };
    }

    static ParquetFormat format(String... columns) {
        return new ParquetFormat(List.of(columns), false, 50_000, 8 << 20, 256 << 20);
    }

    static List<RowBatch> batches(Path file, ParquetFormat format) throws IOException {
        try (RowReader reader = new ParquetReader(source(file), format, 0)) {
            List<RowBatch> batches = new ArrayList<>();
            reader.forEachRemaining(batches::add);
            return batches;
        }
    }

    static List<List<String>> read(Path file, String... columns) throws IOException {
        return texts(batches(file, format(columns)));
    }

    static List<List<String>> texts(List<RowBatch> batches) {
        List<List<String>> rows = new ArrayList<>();
        Field field = new Field();
        for (RowBatch batch : batches) {
            for (RowCursor row = batch.cursor(); row.next(); ) {
                List<String> values = new ArrayList<>();
                for (int i = 0; i < row.fields(); i++) {
                    values.add(row.read(i, field) ? field.toString() : null);
                }
                rows.add(values);
            }
        }
        return rows;
    }

    /** Compares every value, of which DuckDB and we may write the same one in other words. */
    static void assertSame(List<List<String>> ours, List<List<String>> theirs, List<String> types) {
        assertThat(ours).hasSameSizeAs(theirs);
        for (int row = 0; row < ours.size(); row++) {
            List<String> mine = ours.get(row);
            if (mine.size() != types.size()) {
                assertThat(mine).hasSameSizeAs(types);
            }
            for (int i = 0; i < types.size(); i++) {
                Object value = same(mine.get(i), types.get(i));
                Object expected = same(theirs.get(row).get(i), types.get(i));
                // Only then: there are many values.
                if (!Objects.equals(value, expected)) {
                    assertThat(value)
                            .as("row %d, column %d of %s", row + 1, i, types.get(i))
                            .isEqualTo(expected);
                }
            }
        }
    }

    private static Object same(String text, String type) {
        if (text == null) {
            return null;
        }
        if (type.endsWith("]") || type.startsWith("STRUCT") || type.startsWith("MAP")) {
            try {
                return plain(JSON.readTree(text));
            } catch (JsonProcessingException e) {
                throw new AssertionError(text, e);
            }
        }
        return switch (type) {
            case "FLOAT" -> Float.parseFloat(number(text));
            case "DOUBLE" -> Double.parseDouble(number(text));
            default -> type.startsWith("TIME") ? seconds(text) : text;
        };
    }

    private static String number(String text) {
        return text.replace("nan", "NaN")
                .replace("inf", "Infinity")
                .replace("Infinityinity", "Infinity");
    }

    private static String seconds(String text) {
        return text.replaceFirst("(\\.\\d*?)0+(?=\\D|$)", "$1").replaceFirst("\\.(?=\\D|$)", "");
    }

    private static Object plain(JsonNode node) {
        if (node.isObject()) {
            List<Object> fields = new ArrayList<>();
            node.properties().forEach(f -> fields.add(List.of(f.getKey(), plain(f.getValue()))));
            return fields;
        }
        if (node.isArray()) {
            List<Object> elements = new ArrayList<>();
            node.forEach(element -> elements.add(plain(element)));
            return elements;
        }
        if (node.isNumber()) {
            return new BigDecimal(node.asText()).stripTrailingZeros();
        }
        return node.isTextual() ? seconds(node.asText()) : node.asText();
    }
}
