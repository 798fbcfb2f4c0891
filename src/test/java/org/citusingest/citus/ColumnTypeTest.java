package org.citusingest.citus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ColumnTypeTest {
    @ParameterizedTest
    @EnumSource
    void a_type_is_found_by_its_oid(ColumnType type) {
        assertThat(ColumnType.ofOid(type.oid())).contains(type);
    }

    @Test
    void other_types_have_no_encoder() {
        // interval, int4[], and the OID of a user's type that no int can hold
        assertThat(ColumnType.ofOid(1186)).isEmpty();
        assertThat(ColumnType.ofOid(1007)).isEmpty();
        assertThat(ColumnType.ofOid(4_294_967_295L)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void the_ordinary_forms_are_recognised(ColumnType type) {
        assertThat(ordinary(type))
                .allSatisfy(
                        text ->
                                assertThat(BinaryCopy.encoded(type, text.getBytes(UTF_8)))
                                        .as(text)
                                        .isPresent());
    }

    @Test
    void a_bytea_that_binary_copy_would_take_unseen_is_left_to_the_server() {
        assertThat(BinaryCopy.encoded(ColumnType.BYTEA, new byte[] {'a', 0})).isEmpty();
        assertThat(BinaryCopy.encoded(ColumnType.BYTEA, "\u00e9".getBytes(UTF_8))).isEmpty();
        assertThat(BinaryCopy.encoded(ColumnType.BYTEA, "\u00e9".getBytes(ISO_8859_1))).isEmpty();
    }

    /** A fixed list, so that an encoder which recognises less than it should is found out. */
    private static List<String> ordinary(ColumnType type) {
        return switch (type) {
            case BOOL ->
                    List.of(
                            "t", "f", "true", "false", "TRUE", "False", "y", "n", "yes", "no", "on",
                            "off", "1", "0");
            case INT2 -> List.of("0", "-0", "+7", "007", "32767", "-32768");
            case INT4 -> List.of("0", "-0", "+7", "007", "2147483647", "-2147483648");
            case INT8 ->
                    List.of("0", "-0", "+7", "007", "9223372036854775807", "-9223372036854775808");
            case FLOAT4 ->
                    List.of(
                            "0",
                            "-0",
                            "0.1",
                            "-.5",
                            "5.",
                            "3.4028235e38",
                            "1.4e-45",
                            "1e-7",
                            "+2E3",
                            "16777217",
                            "0.1234567890123456789",
                            "0e-400");
            case FLOAT8 ->
                    List.of(
                            "0",
                            "-0",
                            "0.1",
                            "-.5",
                            "5.",
                            "1.7976931348623157e308",
                            "4.9e-324",
                            "1e-7",
                            "+2E3",
                            "9007199254740993",
                            "0.1234567890123456789",
                            "0e-400");
            case NUMERIC ->
                    List.of(
                            "0",
                            "-0",
                            "0.00",
                            "0.1",
                            "-.5",
                            "5.",
                            "10000",
                            "00012.3400",
                            "0.00001",
                            "9".repeat(999),
                            "." + "7".repeat(999));
            case TEXT, VARCHAR, BPCHAR -> List.of("", "a", " \\N\t\n", "\u00e9\ud83d\ude00");
            case UUID ->
                    List.of(
                            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                            "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
                            "a0eebc999c0b4ef8bb6d6bb9bd380a11");
            case DATE -> List.of("2024-02-29", "0001-01-01", "9999-12-31", "2000-02-29");
            case TIMESTAMP ->
                    List.of(
                            "2024-02-29",
                            "2024-02-29 23:59:59",
                            "2024-02-29T00:00:00.1",
                            "0001-01-01 00:00:00.000001",
                            "9999-12-31 23:59:59.999999");
            case TIMESTAMPTZ ->
                    List.of(
                            "2024-02-29",
                            "2024-02-29 23:59:59",
                            "2024-02-29T00:00:00.123Z",
                            "2024-02-29T00:00:00Z",
                            "2024-02-29 01:02:03+02",
                            "2024-02-29 01:02:03-0230",
                            "2024-02-29T01:02:03.999999+15:59",
                            "0001-01-01 00:00:00+15:59");
            case JSON, JSONB -> List.of("{}", "null", "[1, \"a\"]");
            case BYTEA -> List.of("", "\\x", "\\xdeadBEEF", "plain text");
        };
    }
}
