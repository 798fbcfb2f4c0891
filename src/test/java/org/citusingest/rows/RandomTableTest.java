package org.citusingest.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Whatever is written as delimited text is read back the same. */
final class RandomTableTest {
    @Provide
    Arbitrary<List<List<String>>> tables() {
        Arbitrary<String> fields =
                Arbitraries.strings()
                        .withChars(",;\"\n\r\\# \tab\u0000é€\uFEFF")
                        .ofMaxLength(12)
                        .injectDuplicates(0.1)
                        .injectNull(0.15);
        Arbitrary<String> characters = Arbitraries.of("😀", "\\.", "\"\"", "\r\n", "日本", "x");
        Arbitrary<String> any = Arbitraries.oneOf(fields, fields, fields, characters);
        return Arbitraries.integers()
                .between(1, 4)
                .flatMap(width -> any.list().ofSize(width).list().ofMaxSize(12));
    }

    @Provide
    Arbitrary<String> lineEnds() {
        return Arbitraries.of("\n", "\r", "\r\n");
    }

    @Property(tries = 800)
    void a_table_with_doubled_quotes_is_read_back(
            @ForAll("tables") List<List<String>> table,
            @ForAll("lineEnds") String lineEnd,
            @ForAll boolean lastLineEnd,
            @ForAll @IntRange(min = 1, max = 300) int batchBytes,
            @ForAll @IntRange(min = 1, max = 40) int chunk) {
        DelimitedFormat.Builder format = DelimitedFormat.builder().batchBytes(batchBytes);
        String text = write(table, ",", lineEnd, lastLineEnd, f -> f.replace("\"", "\"\""));
        assertThat(read(text, chunk, format)).isEqualTo(table);
    }

    @Property(tries = 400)
    void a_table_with_escaped_quotes_is_read_back(
            @ForAll("tables") List<List<String>> table,
            @ForAll("lineEnds") String lineEnd,
            @ForAll boolean lastLineEnd,
            @ForAll @IntRange(min = 1, max = 300) int batchBytes,
            @ForAll @IntRange(min = 1, max = 40) int chunk) {
        DelimitedFormat.Builder format =
                DelimitedFormat.builder().delimiter(";").escape("\\").batchBytes(batchBytes);
        String text =
                write(
                        table,
                        ";",
                        lineEnd,
                        lastLineEnd,
                        f -> f.replace("\\", "\\\\").replace("\"", "\\\""));
        assertThat(read(text, chunk, format)).isEqualTo(table);
    }

    private static List<List<String>> read(String text, int chunk, DelimitedFormat.Builder format) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Rows.of(new DripStream(bytes, chunk, chunk), format, bytes);
    }

    private static String write(
            List<List<String>> table,
            String delimiter,
            String lineEnd,
            boolean lastLineEnd,
            UnaryOperator<String> escaped) {
        int width = table.isEmpty() ? 1 : table.get(0).size();
        List<String> lines = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            names.add("c" + i);
        }
        lines.add(String.join(delimiter, names));
        for (List<String> row : table) {
            List<String> fields = new ArrayList<>(row);
            fields.replaceAll(field -> field == null ? "" : quoted(field, escaped));
            lines.add(String.join(delimiter, fields));
        }
        // An empty last line is a row only when it is ended.
        boolean emptyLast = lines.get(lines.size() - 1).isEmpty();
        if (!lastLineEnd && !emptyLast) {
            return String.join(lineEnd, lines);
        }
        return String.join(lineEnd, lines) + lineEnd;
    }

    private static String quoted(String field, UnaryOperator<String> escaped) {
        // Plain text may do without quotes, whatever stands after its first character.
        boolean plain =
                !field.isEmpty() && field.chars().noneMatch(c -> ",;\"\r\n".indexOf(c) >= 0);
        return plain ? field : '"' + escaped.apply(field) + '"';
    }
}
