package org.citusingest.rows.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.citusingest.rows.Field;
import org.citusingest.rows.RowBatch;
import org.citusingest.rows.RowCursor;
import org.citusingest.rows.RowReader;

/** Reads a source to its end and holds what every source must keep to. */
final class JsonRows {
    /** Stands in place of a column for the reason of a row that is refused. */
    static final String REFUSED = "refused!";

    private JsonRows() {}

    /** The rows of a text, without their columns that are NULL. */
    static List<Map<String, String>> of(JsonFormat format, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return of(format, new ByteArrayInputStream(bytes), bytes);
    }

    /**
     * The rows of a stream, without their columns that are NULL.
     *
     * @param original where the rows are to be found; null when the stream is not that text
     */
    static List<Map<String, String>> of(JsonFormat format, InputStream in, byte[] original) {
        List<Map<String, String>> rows = new ArrayList<>();
        long number = 0;
        long from = 0;
        RowReader reader = JsonReader.factory(format, 2).read(() -> in, 0);
        while (reader.hasNext()) {
            RowBatch batch = reader.next();
            assertThat(batch.span().number()).isEqualTo(number++);
            assertThat(batch.span().from()).isEqualTo(from);
            assertThat(batch.span().firstRow()).isEqualTo(rows.size() + 1L);
            from = batch.span().to();
            List<Map<String, String>> read = of(format, batch, original);
            assertThat(of(format, batch, original)).as("a second cursor").isEqualTo(read);
            assertThat(read).hasSize(batch.size());
            rows.addAll(read);
            batch.release();
        }
        assertThat(number).as("batches").isPositive();
        return rows;
    }

    private static List<Map<String, String>> of(
            JsonFormat format, RowBatch batch, byte[] original) {
        List<Map<String, String>> rows = new ArrayList<>();
        RowCursor cursor = batch.cursor();
        while (cursor.next()) {
            assertThat(cursor.rowNumber()).isEqualTo(batch.span().firstRow() + rows.size());
            assertThat(cursor.byteOffset())
                    .isGreaterThanOrEqualTo(batch.span().from())
                    .isLessThan(batch.span().to());
            if (original != null && format.path().isEmpty()) {
                int start = Math.toIntExact(cursor.byteOffset());
                byte[] raw = cursor.raw();
                assertThat(raw).isEqualTo(Arrays.copyOfRange(original, start, start + raw.length));
            }
            rows.add(row(batch.columns(), cursor));
        }
        assertThat(cursor.next()).isFalse();
        return rows;
    }

    private static Map<String, String> row(List<String> columns, RowCursor cursor) {
        assertThat(cursor.fields()).isEqualTo(columns.size());
        Map<String, Field> fields = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            Field field = new Field();
            if (cursor.read(i, field)) {
                fields.put(columns.get(i), field);
            }
        }
        // Only now made to text: all fields of a row stay readable until the next row.
        Map<String, String> texts = new LinkedHashMap<>();
        fields.forEach((column, field) -> texts.put(column, field.toString()));
        if (cursor.refusal() != null) {
            assertThat(texts).as("values of a row that is refused").isEmpty();
            texts.put(REFUSED, cursor.refusal());
        }
        return texts;
    }
}
