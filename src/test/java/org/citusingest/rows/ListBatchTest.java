package org.citusingest.rows;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.CharBuffer;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ListBatchTest {
    private static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    @Test
    void lists_and_arrays_are_rows_without_names() {
        ListBatch batch =
                ListBatch.of(
                        List.of(Arrays.asList("a", null), new Object[] {1, 2.5}, List.of()), 3, 41);
        assertThat(batch.columns()).isEmpty();
        assertThat(batch.size()).isEqualTo(3);
        assertThat(batch.span()).isEqualTo(new RowBatch.Span(3, 41, 41, 44));
        assertThat(Rows.of(batch))
                .containsExactly(Arrays.asList("a", null), List.of("1", "2.5"), List.of());
    }

    @Test
    void the_keys_of_maps_are_the_columns_in_any_order() {
        ListBatch batch =
                ListBatch.of(List.of(map("a", 1, "b", null), map("b", "x", "a", 2)), 0, 1);
        assertThat(batch.columns()).containsExactly("a", "b");
        assertThat(Rows.of(batch)).containsExactly(Arrays.asList("1", null), List.of("2", "x"));
    }

    @Test
    void a_map_with_other_keys_is_refused_with_both_lists() {
        assertThatThrownBy(() -> ListBatch.of(List.of(map("a", 1), map("b", 2)), 0, 7))
                .isInstanceOf(RowFormatException.class)
                .hasMessageStartingWith("row 8: the keys are [b], but those of row 7 are [a]");
    }

    @Test
    void rows_of_different_kinds_are_refused() {
        assertThatThrownBy(() -> ListBatch.of(List.of(map("a", 1), List.of(2)), 0, 1))
                .hasMessageStartingWith("row 2: expected a map but found java.util.");
        assertThatThrownBy(() -> ListBatch.of(List.of("a,b"), 0, 1))
                .hasMessageStartingWith(
                        "row 1: expected a list or an array of objects but found java.lang.String");
        assertThatThrownBy(() -> ListBatch.of(List.of(Map.of(1, 2)), 0, 1))
                .hasMessageStartingWith("row 1: the key 1 is no String");
    }

    @Test
    void values_have_the_text_that_postgresql_reads() {
        UUID uuid = UUID.randomUUID();
        Instant instant = Instant.parse("2026-03-04T05:06:07.123456Z");
        String here = instant.atZone(ZoneId.systemDefault()).toOffsetDateTime().toString();
        assertThat(
                        Rows.of(
                                ListBatch.of(
                                        List.of(
                                                List.of(
                                                        true,
                                                        new BigDecimal("1.50"),
                                                        uuid,
                                                        LocalDate.of(2026, 3, 4),
                                                        LocalDateTime.of(2026, 3, 4, 5, 6),
                                                        OffsetDateTime.parse(
                                                                "2026-03-04T05:06:07+01:00"),
                                                        instant,
                                                        Timestamp.from(instant),
                                                        CharBuffer.wrap("é"),
                                                        new byte[] {0, (byte) 0xAB})),
                                        0,
                                        1)))
                .containsExactly(
                        List.of(
                                "true",
                                "1.50",
                                uuid.toString(),
                                "2026-03-04",
                                "2026-03-04T05:06",
                                "2026-03-04T05:06:07+01:00",
                                "2026-03-04T05:06:07.123456Z",
                                here,
                                "é",
                                "\\x00ab"));
    }

    @Test
    void a_date_is_a_moment_and_one_of_sql_a_day() {
        Instant instant = Instant.parse("2026-03-04T05:06:07Z");
        List<Object> values = List.of(Date.from(instant), java.sql.Date.valueOf("2026-03-04"));
        List<String> texts = Rows.of(ListBatch.of(List.of(values), 0, 1)).get(0);
        assertThat(OffsetDateTime.parse(texts.get(0)).toInstant()).isEqualTo(instant);
        assertThat(texts.get(1)).isEqualTo("2026-03-04");
    }

    @Test
    void a_value_without_certain_text_is_refused_with_its_column_and_class() {
        ListBatch batch = ListBatch.of(List.of(map("a", 1, "b", Map.of("x", 1))), 0, 5);
        RowCursor cursor = batch.cursor();
        assertThat(cursor.next()).isTrue();
        assertThatThrownBy(() -> cursor.read(1, new Field()))
                .isInstanceOf(RowFormatException.class)
                .hasMessageStartingWith("row 5: column b holds a java.util.ImmutableCollections");
        assertThat(cursor.raw()).asString(UTF_8).isEqualTo("1,{x=1}");
    }

    @Test
    void the_raw_row_is_a_line_of_comma_separated_values() {
        RowCursor cursor =
                ListBatch.of(List.of(Arrays.asList(1, null, "", "a,\"b\"\n", "c")), 0, 1).cursor();
        assertThat(cursor.next()).isTrue();
        assertThat(cursor.byteOffset()).isEqualTo(-1);
        assertThat(cursor.raw()).asString(UTF_8).isEqualTo("1,,\"\",\"a,\"\"b\"\"\n\",c");
    }
}
