package org.citusingest.citus;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Random values of a type, as texts in the form that a file may have. */
final class RandomValues {
    private final Random random;

    RandomValues(long seed) {
        random = new Random(seed);
    }

    List<String> of(String type, int count) {
        List<String> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(one(type));
        }
        return values;
    }

    private String one(String type) {
        return switch (type) {
            case "int2" -> String.valueOf((short) random.nextInt());
            case "int4" -> String.valueOf(random.nextInt() >> random.nextInt(32));
            case "int8" -> String.valueOf(random.nextLong() >> random.nextInt(64));
            case "bool" -> random.nextBoolean() ? "true" : "f";
            case "uuid" -> new UUID(random.nextLong(), random.nextLong()).toString();
            case "date" -> day();
            case "timestamp" -> day() + " " + time();
            case "timestamptz" -> day() + "T" + time() + "+0%d:30".formatted(random.nextInt(10));
            default -> text();
        };
    }

    private String day() {
        return "%04d-%02d-%02d"
                .formatted(
                        1 + random.nextInt(9998), 1 + random.nextInt(12), 1 + random.nextInt(28));
    }

    private String time() {
        return "%02d:%02d:%02d.%06d"
                .formatted(
                        random.nextInt(24),
                        random.nextInt(60),
                        random.nextInt(60),
                        random.nextInt(1_000_000));
    }

    /** Of all lengths around the words in which a text is hashed, with characters of all sizes. */
    private String text() {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(40);
        for (int i = 0; i < length; i++) {
            int kind = random.nextInt(8);
            text.appendCodePoint(
                    kind == 0
                            ? 0x1F600 + random.nextInt(40)
                            : kind == 1 ? 0xC0 + random.nextInt(300) : 0x20 + random.nextInt(94));
        }
        return text.toString();
    }
}
