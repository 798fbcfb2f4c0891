package org.citusingest.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FieldTest {
    private static Arguments of(Consumer<Field> value, String text) {
        return Arguments.of(value, text);
    }

    private static long micros(String time) {
        return LocalDateTime.of(1970, 1, 1, 0, 0)
                .until(LocalDateTime.parse(time), ChronoUnit.MICROS);
    }

    private static long days(String date) {
        return LocalDate.parse(date).toEpochDay();
    }

    static Stream<Arguments> values() {
        byte[] bytes = HexFormat.of().parseHex("ff00112233445566778899aabbccddeeff01");
        return Stream.of(
                of(field -> field.setText("ä\n"), "ä\n"),
                of(field -> field.setBoolean(true), "true"),
                of(field -> field.setBoolean(false), "false"),
                of(field -> field.setInteger(0), "0"),
                of(field -> field.setInteger(Long.MIN_VALUE), "-9223372036854775808"),
                of(field -> field.setFloat4(0.1f), "0.1"),
                of(field -> field.setFloat8(-1e300), "-1.0E300"),
                of(field -> field.setFloat8(Double.NaN), "NaN"),
                of(field -> field.setFloat8(Double.NEGATIVE_INFINITY), "-Infinity"),
                of(field -> field.setDecimal(12345, 2), "123.45"),
                of(field -> field.setDecimal(-5, 2), "-0.05"),
                of(field -> field.setDecimal(-123, 2), "-1.23"),
                of(field -> field.setDecimal(12, 2), "0.12"),
                of(field -> field.setDecimal(0, 3), "0.000"),
                of(field -> field.setDecimal(7, -3), "7000"),
                of(field -> field.setDecimal(0, -3), "0"),
                of(field -> field.setDecimal(Long.MIN_VALUE, 18), "-9.223372036854775808"),
                of(
                        field -> field.setDecimal(BigInteger.TEN.pow(30).add(BigInteger.ONE), 2),
                        "10000000000000000000000000000.01"),
                of(field -> field.setDecimal(BigInteger.valueOf(-15), 1), "-1.5"),
                of(field -> field.setDate(days("2026-11-25")), "2026-11-25"),
                of(field -> field.setDate(days("0044-03-15")), "0044-03-15"),
                of(field -> field.setDate(days("-0043-03-15")), "0044-03-15 BC"),
                of(field -> field.setDate(days("+12345-01-02")), "12345-01-02"),
                of(field -> field.setTime(0), "00:00:00"),
                of(field -> field.setTime(86_399_999_999L), "23:59:59.999999"),
                of(field -> field.setTime(86_400_000_000L), "24:00:00"),
                of(
                        field -> field.setTimestamp(micros("2026-11-25T01:02:03")),
                        "2026-11-25 01:02:03"),
                of(
                        field -> field.setTimestamp(micros("1969-12-31T23:59:59.000001")),
                        "1969-12-31 23:59:59.000001"),
                of(
                        field -> field.setTimestamptz(micros("2026-11-25T01:02:03.5")),
                        "2026-11-25 01:02:03.500000+00"),
                of(
                        field -> field.setTimestamptz(micros("0000-01-01T00:00:00")),
                        "0001-01-01 00:00:00+00 BC"),
                of(field -> field.setUuid(bytes, 1), "00112233-4455-6677-8899-aabbccddeeff"),
                of(field -> field.setBinary(bytes, 0, 3), "\\xff0011"),
                of(field -> field.setBinary(bytes, 3, 3), "\\x"));
    }

    @ParameterizedTest
    @MethodSource("values")
    void has_the_text_of_its_value(Consumer<Field> value, String text) {
        Field field = new Field();
        value.accept(field);

        assertThat(field).hasToString(text);
        assertThat(field.length()).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
        assertThat(new String(field.bytes(), field.start(), field.length(), StandardCharsets.UTF_8))
                .isEqualTo(text);
    }

    @Test
    void is_pointed_at_one_value_after_the_other() {
        Field field = new Field();
        values().forEach(
                        arguments -> {
                            @SuppressWarnings("unchecked")
                            Consumer<Field> value = (Consumer<Field>) arguments.get()[0];
                            value.accept(field);
                            assertThat(field).hasToString((String) arguments.get()[1]);
                        });
    }
}
