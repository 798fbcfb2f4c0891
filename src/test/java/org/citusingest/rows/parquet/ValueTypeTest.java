package org.citusingest.rows.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.citusingest.rows.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of the types that few writers know, and values that no writer should write. */
class ValueTypeTest {
    private static SchemaElement leaf(Type type, ConvertedType converted) {
        SchemaElement leaf = new SchemaElement("a");
        leaf.setType(type);
        leaf.setConverted_type(converted);
        return leaf;
    }

    private static Field read(SchemaElement leaf, Values values) {
        Field field = new Field();
        ValueType.of(leaf, false).set(field, values);
        return field;
    }

    private static Values values(long number, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        Values values =
                new Values() {
                    @Override
                    void next() {}
                };
        values.number = number;
        values.point(bytes, 0, bytes.length);
        return values;
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "INT32, UINT_8, 200, 200",
                "INT32, UINT_32, -1, 4294967295",
                "INT64, UINT_64, -1, 18446744073709551615",
                "INT32, INT_8, -128, -128",
                "INT64, none, -9223372036854775808, -9223372036854775808",
                "INT32, TIME_MILLIS, 86400000, 24:00:00",
                "INT32, TIME_MILLIS, 86400001, 86400001 milliseconds are no time of day",
                "INT64, TIME_MICROS, -1, -1 microseconds are no time of day",
                "INT64, TIME_MICROS, 1, 00:00:00.000001",
                "INT64, TIMESTAMP_MILLIS, -1, 1969-12-31 23:59:59.999000+00",
                "INT64, TIMESTAMP_MILLIS, 9223372036854775807, 9223372036854775807 milliseconds are out of range",
                "INT64, TIMESTAMP_MICROS, 0, 1970-01-01 00:00:00+00",
                "INT32, DATE, -719163, 0001-12-31 BC",
                "INT32, DECIMAL, -5, -0.05",
            })
    void a_number(Type type, ConvertedType converted, long number, String text) {
        SchemaElement leaf = leaf(type, converted);
        leaf.setScale(2);
        assertThat(read(leaf, values(number, ""))).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "BYTE_ARRAY, DECIMAL, ff, -0.01",
                "BYTE_ARRAY, DECIMAL, 00ffff, 655.35",
                "BYTE_ARRAY, DECIMAL, 7fffffffffffffffff, 23611832414348226068.47",
                "BYTE_ARRAY, DECIMAL, '', a decimal without bytes",
                "FIXED_LEN_BYTE_ARRAY, INTERVAL, 0e0000000200000004 0c0000, P14M2DT3.076S",
                "FIXED_LEN_BYTE_ARRAY, INTERVAL, ffffffff0000000000000000, P4294967295M0DT0.000S",
                "BYTE_ARRAY, BSON, 00ff, \\x00ff",
                "BYTE_ARRAY, ENUM, 61, a",
                "BYTE_ARRAY, none, 61, \\x61",
                "INT96, none, 01000000000000008c3d2500, 1970-01-01 00:00:00",
                "INT96, none, ffffffffffffffff8c3d2500, 1969-12-31 23:59:59.999999",
            })
    void bytes(Type type, ConvertedType converted, String hex, String text) {
        SchemaElement leaf = leaf(type, converted);
        leaf.setScale(2);
        leaf.setType_length(12);
        assertThat(read(leaf, values(0, hex.replace(" ", "")))).hasToString(text);
    }

    @Test
    void a_scale_that_no_decimal_has_is_refused() {
        SchemaElement leaf = leaf(Type.INT32, ConvertedType.DECIMAL);
        leaf.setScale(1 << 30);
        assertThatThrownBy(() -> ValueType.of(leaf, false))
                .hasMessage("a decimal cannot have 1073741824 digits after the point");
    }
}
