package org.citusingest.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reads awkward sources as another reader of RFC 4180 does. */
final class AwkwardCsvTest {
    private static final List<Integer> BATCH_BYTES = List.of(1, 2, 3, 7, 64, 8 << 20);

    static Stream<String> awkward() {
        return Stream.of(
                "",
                "a",
                "a,b",
                "a,b\n",
                "a,b\r\n",
                "a,b\r",
                "a,b\nc,d",
                "a,b\rc,d\r",
                "a,b\r\nc,d\r\n",
                "a,b\nc,d\re,f\r\ng,h",
                "a,b\n\nc,d\n\n\n",
                "\n\na,b\n",
                "\r\n\r\na,b\r\n\r\nc,d",
                "a,b\r\r\n\rc,d",
                ",",
                ",,\n,,",
                "a,\n,b\n",
                "a,",
                "a\n\nb\n",
                "a\n\n\n",
                "a\r\n\r\nb",
                "\"\"",
                "\"\",\"\"\n",
                "\"a\",\"b\"",
                "\"a,b\",c",
                "\"a\nb\",c\n",
                "\"a\r\nb\",\"c\rd\"\r\n",
                "\"a\"\"b\",c",
                "\"\"\"\"",
                "\"\"\"\",\"\"\"\"\"\"\n",
                "\"\"\"a\"\"\",b",
                "\"\n\"\n",
                "\"\r\",\"\n\",\"\r\n\"\r",
                "a\"b,c",
                "a\"\"b,c\"",
                "a,b\"\n",
                " \"a\",b",
                "a ,b ",
                " a,\tb",
                " ",
                "a,b,c\nd\ne,f\n,\n",
                "ä,ö,ü\n€,𝄞,😀\n",
                "\"€\"\"𝄞\",日本語\n",
                "\\.\n",
                "a,b\n\\.\nc,d\n",
                "a\\,b\n\"\\\",c\n",
                "\\N,NULL\n",
                "#a,b\nc,d\n",
                "a;b\tc|d,e\n",
                "a,b\n\"1234567890123456789012345678901234567890\",c\n",
                "12345678,1234567,123456789\n1,12,123\n",
                "\u0000,\u0001\n",
                "1,2\n\"x\",y\r\n\n3,\"4\"\r\"\",\n");
    }

    @ParameterizedTest
    @MethodSource("awkward")
    void reads_the_same_fields_as_another_reader(String source) throws Exception {
        List<List<String>> expected = byFastCsv(source);
        for (int batchBytes : BATCH_BYTES) {
            List<List<String>> rows =
                    Rows.of(source, DelimitedFormat.builder().header(false).batchBytes(batchBytes));
            // The other reader knows no NULL.
            rows.forEach(row -> row.replaceAll(field -> field == null ? "" : field));
            assertThat(rows).as("in batches of %s bytes", batchBytes).isEqualTo(expected);
        }
    }

    static Stream<String> malformed() {
        return Stream.of("\"a\"b", "\"a\" ,b\n", "a,\"b\"c\n", "x,y\n\"a\"\"\"b,c\n", "\"\"a\n");
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void refuses_text_after_a_closing_quote_as_another_reader_does(String source) {
        assertThatThrownBy(() -> byFastCsv(source)).isInstanceOf(RuntimeException.class);
        for (int batchBytes : BATCH_BYTES) {
            assertThatThrownBy(
                            () ->
                                    Rows.of(
                                            source,
                                            DelimitedFormat.builder()
                                                    .header(false)
                                                    .batchBytes(batchBytes)))
                    .isInstanceOf(RowFormatException.class)
                    .hasMessageContaining("text follows the closing quote");
        }
    }

    private static List<List<String>> byFastCsv(String source) throws Exception {
        List<List<String>> rows = read(source, true);
        // With one column an empty line is a row, as PostgreSQL has it; the other reader skips
        // empty lines either always or never.
        boolean oneColumn = !rows.isEmpty() && rows.get(0).size() == 1;
        return oneColumn ? read(source, false) : rows;
    }

    private static List<List<String>> read(String source, boolean skipEmptyLines) throws Exception {
        List<List<String>> rows = new ArrayList<>();
        try (var reader =
                CsvReader.builder()
                        .commentStrategy(CommentStrategy.NONE)
                        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                        .allowUnclosedQuote(false)
                        .skipEmptyLines(skipEmptyLines)
                        .ofCsvRecord(source)) {
            reader.forEach(row -> rows.add(new ArrayList<>(row.getFields())));
        }
        return rows;
    }
}
