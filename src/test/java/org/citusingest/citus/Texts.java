package org.citusingest.citus;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;

/** Makes texts for a type: values of all magnitudes, nearly valid ones, known traps, noise. */
final class Texts {
    private static final String ALPHABET =
            "0123456789+-_., :eExXTZzaAfFnN\\'\"{}[]()/\t\n\u0664\u00a0\u00bd\uff11\u2212";

    private static final String[] TRAPS = {
        "",
        " ",
        "+",
        "-",
        ".",
        "+.",
        "-.",
        "0",
        "-0",
        "+0",
        "00",
        "0.0",
        "-0.0",
        ".5",
        "5.",
        "-.5",
        "1e",
        "1e+",
        "e5",
        "1.e5",
        ".e5",
        "1..2",
        "--1",
        "+-1",
        "0x1F",
        "0b101",
        "0o17",
        "1_000",
        "1,000",
        "1.000,5",
        "NaN",
        "nan",
        "Infinity",
        "-infinity",
        "inf",
        "1e400",
        "-1e400",
        "1e-400",
        "0e99999",
        "0e-9999",
        "1e38",
        "3.4028236e38",
        "1e-45",
        "7e-46",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062329e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "16777217",
        "9007199254740993",
        "32767",
        "32768",
        "-32768",
        "-32769",
        "2147483647",
        "2147483648",
        "-2147483648",
        "-2147483649",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "00000000000000000000000000000000000000042",
        "10000",
        "9999.9999",
        "0.00001",
        "0.0000",
        "100000000",
        "1e1000000",
        "true",
        "tr",
        "of",
        "o",
        "oN",
        " t ",
        "yes",
        "now",
        "today",
        "epoch",
        "allballs",
        "2023-02-29",
        "2024-02-29",
        "1900-02-29",
        "2000-02-29",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "10000-01-01",
        "1990-1-8",
        "1990-01-08 BC",
        "19900108",
        "01/08/1990",
        "08.01.1990",
        "1990/01/08",
        "1990-Jan-08",
        "1990-00-10",
        "1990-04-31",
        "1990-01-08 24:00:00",
        "1990-01-08 23:59:60",
        "1990-01-08 23:59:59.9999999",
        "1990-01-08 23:59:59.",
        "1990-01-08T10:20:30z",
        "1990-01-08t10:20:30",
        "1990-01-08 10:20",
        "1990-01-08  10:20:30",
        "1990-01-08 10:20:30 Z",
        "1990-01-08 10:20:30+15:59",
        "1990-01-08 10:20:30-15:59",
        "1990-01-08 10:20:30+16:00",
        "1990-01-08 10:20:30+05:60",
        "1990-01-08 10:20:30+5",
        "1990-01-08 10:20:30+05:3",
        "1990-01-08 10:20:30+05:30:15",
        "1990-01-08 10:20:30 Europe/Berlin",
        "1990-01-08 10:20:30.+05",
        "1990-01-08Z",
        "1990-01-08 ",
        "0001-01-01 00:00:00+15:59",
        "9999-12-31 23:59:59.999999-15:59",
        "1990-01-08 25:00:00",
        "1990-01-08 10:60:30",
        "1990-01-08 10.20.30",
        "1990-01-08 -1:20:30",
        "1990-01-08 10:20:30+-1",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
        "A0EEBC999C0B4EF8BB6D6BB9BD380A11",
        "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g",
        "\\x",
        "\\X00",
        "\\x0",
        "\\x0g",
        "\\x00 ff",
        "\\xDEad",
        "\\000",
        "\\\\",
        "\\",
        "a\\x00",
        "null",
        "{}",
        "[1,]",
        "{\"a\":1,\"a\":2}",
        "\"\\u0000\"",
        "1 2"
    };

    private final ColumnType type;
    private final Random random;

    private Texts(ColumnType type, Random random) {
        this.type = type;
        this.random = random;
    }

    /** All traps and so many more texts; the same seed gives the same texts. */
    static List<String> of(ColumnType type, long seed, int count) {
        Texts texts = new Texts(type, new Random(seed));
        List<String> made = new ArrayList<>(List.of(TRAPS));
        for (int i = 0; i < count; i++) {
            made.add(texts.next());
        }
        return made;
    }

    private String next() {
        return switch (random.nextInt(8)) {
            case 0, 1 -> mutated(valid());
            case 2 -> mutated(mutated(oneOf(TRAPS)));
            case 3 -> characters(random.nextInt(12), 1, 127);
            default -> valid();
        };
    }

    /** A text that most often is a value of the type. */
    private String valid() {
        return switch (type) {
            case BOOL -> anyCase(oneOf("t", "true", "y", "yes", "on", "1", "f", "no", "off", "0"));
            case INT2, INT4, INT8 -> integer();
            case FLOAT4, FLOAT8 -> floating();
            case NUMERIC -> decimal();
            case TEXT, VARCHAR, BPCHAR -> characters(random.nextInt(8), 1, 0x2FF);
            case UUID -> uuid();
            case DATE -> date();
            case TIMESTAMP -> timestamp() + (random.nextInt(8) == 0 ? zone() : "");
            case TIMESTAMPTZ -> timestamp() + zone();
            case JSON, JSONB -> json(3);
            case BYTEA -> bytea();
        };
    }

    private String mutated(String text) {
        if (text.isEmpty()) {
            return String.valueOf(letter());
        }
        StringBuilder mutated = new StringBuilder(text);
        int at = random.nextInt(text.length());
        switch (random.nextInt(5)) {
            case 0 -> mutated.insert(at, letter());
            case 1 -> mutated.deleteCharAt(at);
            case 2 -> mutated.setCharAt(at, letter());
            case 3 -> mutated.append(letter());
            default -> mutated.insert(0, oneOf(" ", "+", "-", "0", "\t"));
        }
        // Half of a surrogate pair is no text that could be sent.
        return mutated.chars().anyMatch(c -> Character.isSurrogate((char) c))
                ? text
                : mutated.toString();
    }

    private char letter() {
        return ALPHABET.charAt(random.nextInt(ALPHABET.length()));
    }

    private String oneOf(String... texts) {
        return texts[random.nextInt(texts.length)];
    }

    private String characters(int length, int from, int to) {
        return random.ints(length, from, to)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    private String anyCase(String text) {
        return random.nextBoolean() ? text : text.toUpperCase(Locale.ROOT);
    }

    private String digits(int length) {
        // Long runs of one digit make leading, inner and trailing zeros in base 10000.
        String fill = oneOf("0", "9", "");
        return random.ints(length, 0, 10)
                .mapToObj(d -> fill.isEmpty() || random.nextInt(6) == 0 ? "" + d : fill)
                .collect(Collectors.joining());
    }

    private String sign() {
        return oneOf("", "", "-", "+");
    }

    private String integer() {
        int bits = random.nextBoolean() ? 64 : type == ColumnType.INT2 ? 16 : 33;
        long value = random.nextLong() >> (64 - 1 - random.nextInt(bits));
        return random.nextInt(8) == 0 ? sign() + digits(1 + random.nextInt(22)) : "" + value;
    }

    private String decimal() {
        int length = random.nextInt(50) == 0 ? 1200 : random.nextInt(4) == 0 ? 60 : 12;
        String whole = digits(random.nextInt(length));
        return sign() + whole + oneOf("", ".", "." + digits(random.nextInt(length)));
    }

    private String floating() {
        double any = Double.longBitsToDouble(random.nextLong());
        float small = Float.intBitsToFloat(random.nextInt());
        long middle = (1L << 53) | (random.nextLong() >>> 11) | 1;
        return switch (random.nextInt(8)) {
            // 54 bits that end in 1 are halfway between two doubles, and so are they over 2 or 4.
            case 7 ->
                    BigDecimal.valueOf(middle, 0).multiply(new BigDecimal(oneOf("1", ".5", ".25")))
                            + "";
            case 0 -> "" + any;
            case 1 -> "" + small;
            case 2 -> halfway(small);
            case 3 -> decimal() + oneOf("", "e", "E") + sign() + random.nextInt(50);
            case 4 -> "" + random.nextGaussian();
            case 5 -> "" + Math.round(random.nextGaussian() * 1e6) / 1e3;
            default -> decimal();
        };
    }

    /** What is halfway between two floats, or next to it: rounding twice goes wrong there. */
    private String halfway(float value) {
        if (!Float.isFinite(value)) {
            return "" + value;
        }
        BigDecimal middle =
                new BigDecimal(value)
                        .add(new BigDecimal(Math.nextUp(value)))
                        .divide(BigDecimal.valueOf(2));
        BigDecimal little = middle.ulp().movePointLeft(random.nextInt(30));
        return switch (random.nextInt(3)) {
            case 0 -> middle.toString();
            case 1 -> middle.add(little).toString();
            default -> middle.subtract(little).toString();
        };
    }

    private String uuid() {
        String uuid = new java.util.UUID(random.nextLong(), random.nextLong()).toString();
        return anyCase(random.nextInt(3) == 0 ? uuid.replace("-", "") : uuid);
    }

    private String date() {
        int year = random.nextBoolean() ? 1 + random.nextInt(9999) : 1999 + random.nextInt(30);
        return "%04d-%02d-%02d".formatted(year, 1 + random.nextInt(12), 1 + random.nextInt(31));
    }

    private String timestamp() {
        if (random.nextInt(8) == 0) {
            return date();
        }
        String time =
                "%02d:%02d:%02d"
                        .formatted(random.nextInt(25), random.nextInt(60), random.nextInt(61));
        String fraction = random.nextBoolean() ? "" : "." + digits(random.nextInt(8));
        return date() + oneOf(" ", "T") + time + fraction;
    }

    private String zone() {
        return oneOf(
                        "",
                        "Z",
                        "+%02d",
                        "-%02d",
                        "+%02d%02d",
                        "-%02d%02d",
                        "+%02d:%02d",
                        "-%02d:%02d")
                .formatted(random.nextInt(17), random.nextInt(61));
    }

    private String json(int depth) {
        return switch (random.nextInt(depth == 0 ? 4 : 6)) {
            case 0 -> oneOf("null", "true", "false", "[]", "{}", "\"\"");
            case 1 -> "" + random.nextGaussian();
            case 2 -> "\"" + characters(random.nextInt(5), 'a', 0x2FF) + "\"";
            case 3 -> "\"" + oneOf("\\n", "\\u00e9", "\\\\", "\\\"", "\\/") + "\"";
            case 4 -> "[" + json(depth - 1) + oneOf(",", " , ") + json(depth - 1) + "]";
            default -> "{\"%s\": %s}".formatted(oneOf("a", "b", ""), json(depth - 1));
        };
    }

    private String bytea() {
        return switch (random.nextInt(4)) {
            case 0 -> characters(random.nextInt(10), 1, 0x2FF);
            case 1 -> characters(random.nextInt(10), 1, 127);
            case 2 -> oneOf("\\000", "\\377", "\\\\", "a\\001b");
            default -> anyCase("\\x").toLowerCase(Locale.ROOT) + anyCase(uuid().replace("-", ""));
        };
    }
}
