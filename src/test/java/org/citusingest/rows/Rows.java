package org.citusingest.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads a source to its end and holds what every source must keep to. */
final class Rows {
    private Rows() {}

    /** The rows, NULL as null, of a source in UTF-8 that is not compressed. */
    static List<List<String>> of(String source, DelimitedFormat.Builder format) {
        byte[] bytes = source.getBytes(StandardCharsets.UTF_8);
        return of(new ByteArrayInputStream(bytes), format, bytes);
    }

    /** The rows of any source. */
    static List<List<String>> of(InputStream source, DelimitedFormat.Builder format) {
        return of(source, format, null);
    }

    /** The rows, checked against the bytes that they were read from where these are given. */
    static List<List<String>> of(
            InputStream source, DelimitedFormat.Builder format, byte[] original) {
        List<List<String>> rows = new ArrayList<>();
        DelimitedReader reader = new DelimitedReader(source, format.build());
        long number = 0;
        long from = 0;
        while (reader.hasNext()) {
            RowBatch batch = reader.next();
            assertThat(batch.span().number()).isEqualTo(number++);
            assertThat(batch.span().from()).isEqualTo(from);
            assertThat(batch.span().firstRow()).isEqualTo(rows.size() + 1L);
            from = batch.span().to();
            List<List<String>> read = of(batch, original);
            assertThat(of(batch, original)).as("a second cursor").isEqualTo(read);
            assertThat(read).hasSize(batch.size());
            rows.addAll(read);
            batch.release();
        }
        assertThat(number).as("batches").isPositive();
        return rows;
    }

    /** The rows of a batch. */
    static List<List<String>> of(RowBatch batch) {
        return of(batch, null);
    }

    private static List<List<String>> of(RowBatch batch, byte[] original) {
        List<List<String>> rows = new ArrayList<>();
        RowCursor cursor = batch.cursor();
        while (cursor.next()) {
            assertThat(cursor.rowNumber()).isEqualTo(batch.span().firstRow() + rows.size());
            if (original != null) {
                int start = Math.toIntExact(cursor.byteOffset());
                byte[] raw = cursor.raw();
                assertThat(raw).isEqualTo(Arrays.copyOfRange(original, start, start + raw.length));
            }
            rows.add(fields(cursor));
        }
        assertThat(cursor.next()).isFalse();
        return rows;
    }

    private static List<String> fields(RowCursor cursor) {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < cursor.fields(); i++) {
            Field field = new Field();
            fields.add(cursor.read(i, field) ? field : null);
        }
        // Only now made to text: all fields of a row stay readable until the next row.
        List<String> texts = new ArrayList<>();
        fields.forEach(field -> texts.add(field == null ? null : field.toString()));
        return texts;
    }
}
