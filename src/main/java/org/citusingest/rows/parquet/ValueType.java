package org.citusingest.rows.parquet;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.TimeUnit;
import org.citusingest.rows.Field;

/**
 * What the values of a leaf mean. A value that has no meaning, such as a time after midnight,
 * becomes a text that says so, which the database refuses for its row.
 */
sealed interface ValueType {
    /** Gives the field a value. */
    void set(Field field, Values value);

    /** Of values that are in {@link Values#number}. */
    @FunctionalInterface
    non-sealed interface OfNumber extends ValueType {
        /** Gives the field the value with these bits. */
        void set(Field field, long bits);

        @Override
        default void set(Field field, Values value) {
            set(field, value.number);
        }
    }

    /** Of values that are byte arrays. */
    @FunctionalInterface
    non-sealed interface OfBytes extends ValueType {
        /** Gives the field the value with these bytes. */
        void set(Field field, byte[] bytes, int start, int end);

        @Override
        default void set(Field field, Values value) {
            set(field, value.bytes, value.start, value.end);
        }
    }

    long DAY_MICROS = 86_400_000_000L;
    long UINT = 0xffff_ffffL;

    /** The Julian day that is 1970-01-01. */
    long UNIX_EPOCH = 2_440_588;

    /**
     * What the values of a leaf mean.
     *
     * @param binaryAsText whether bytes of which the file says nothing are text
     */
    static ValueType of(SchemaElement leaf, boolean binaryAsText) {
        Logical logical = Logical.of(leaf);
        return switch (leaf.getType()) {
            case BOOLEAN -> (OfNumber) (field, bits) -> field.setBoolean(bits != 0);
            case INT32 -> ofInt(logical, false);
            case INT64 -> ofInt(logical, true);
            case FLOAT ->
                    (OfNumber) (field, bits) -> field.setFloat4(Float.intBitsToFloat((int) bits));
            case DOUBLE ->
                    (OfNumber) (field, bits) -> field.setFloat8(Double.longBitsToDouble(bits));
            case INT96 -> (OfBytes) ValueType::int96;
            case BYTE_ARRAY -> ofBytes(logical, -1, binaryAsText);
            case FIXED_LEN_BYTE_ARRAY -> ofBytes(logical, leaf.getType_length(), false);
        };
    }

    private static OfNumber ofInt(Logical type, boolean isLong) {
        return switch (type.kind()) {
            case UNSIGNED -> isLong ? ValueType::uint64 : (f, n) -> f.setInteger(n & UINT);
            case DECIMAL -> (field, n) -> field.setDecimal(n, type.scale());
            case DATE -> Field::setDate;
            case TIME -> (field, n) -> time(field, n, type.unit());
            case TIMESTAMP -> (field, n) -> timestamp(field, n, type);
            default -> Field::setInteger;
        };
    }

    private static OfBytes ofBytes(Logical type, int length, boolean binaryAsText) {
        return switch (type.kind()) {
            case TEXT -> Field::set;
            case DECIMAL -> (f, bytes, start, end) -> decimal(f, bytes, start, end, type.scale());
            case UUID ->
                    length == 16 ? (f, bytes, start, end) -> f.setUuid(bytes, start) : binary();
            case FLOAT16 -> length == 2 ? ValueType::float16 : binary();
            case INTERVAL -> length == 12 ? ValueType::interval : binary();
            case NONE -> binaryAsText ? Field::set : binary();
            default -> binary();
        };
    }

    private static OfBytes binary() {
        return Field::setBinary;
    }

    private static void uint64(Field field, long bits) {
        if (bits >= 0) {
            field.setInteger(bits);
        } else {
            field.setText(Long.toUnsignedString(bits));
        }
    }

    private static void decimal(Field field, byte[] bytes, int start, int end, int scale) {
        if (end == start) {
            field.setText("a decimal without bytes");
        } else if (end - start > Long.BYTES) {
            field.setDecimal(new BigInteger(bytes, start, end - start), scale);
        } else {
            long unscaled = bytes[start];
            for (int i = start + 1; i < end; i++) {
                unscaled = unscaled << Byte.SIZE | (bytes[i] & 0xff);
            }
            field.setDecimal(unscaled, scale);
        }
    }

    private static void time(Field field, long count, Unit unit) {
        long micros = unit.micros(count);
        if (micros < 0 || micros > DAY_MICROS || !unit.fits(count)) {
            field.setText("%d %s are no time of day".formatted(count, unit));
        } else {
            field.setTime(micros);
        }
    }

    private static void timestamp(Field field, long count, Logical type) {
        if (!type.unit().fits(count)) {
            field.setText("%d %s are out of range".formatted(count, type.unit()));
        } else if (type.utc()) {
            field.setTimestamptz(type.unit().micros(count));
        } else {
            field.setTimestamp(type.unit().micros(count));
        }
    }

    private static void int96(Field field, byte[] bytes, int start, int end) {
        ByteBuffer value =
                ByteBuffer.wrap(bytes, start, end - start).order(ByteOrder.LITTLE_ENDIAN);
        long nanosOfDay = value.getLong();
        long day = value.getInt() - UNIX_EPOCH;
        try {
            field.setTimestamp(
                    Math.addExact(
                            Math.multiplyExact(day, DAY_MICROS), Math.floorDiv(nanosOfDay, 1000)));
        } catch (ArithmeticException e) {
            field.setText("Julian day %d is out of range".formatted(day + UNIX_EPOCH));
        }
    }

    private static void interval(Field field, byte[] bytes, int start, int end) {
        ByteBuffer value =
                ByteBuffer.wrap(bytes, start, end - start).order(ByteOrder.LITTLE_ENDIAN);
        long months = value.getInt() & UINT;
        long days = value.getInt() & UINT;
        long millis = value.getInt() & UINT;
        field.setText("P%dM%dDT%d.%03dS".formatted(months, days, millis / 1000, millis % 1000));
    }

    /** Its sign, 5 bits of exponent and 10 of fraction, as a float. */
    private static void float16(Field field, byte[] bytes, int start, int end) {
        int bits = (bytes[start] & 0xff) | (bytes[start + 1] << Byte.SIZE);
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude;
        if (exponent == 0x1f) {
            magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else if (exponent == 0) {
            magnitude = Math.scalb((float) fraction, -24);
        } else {
            magnitude = Math.scalb((float) (fraction | 0x400), exponent - 25);
        }
        field.setFloat4(bits < 0 ? -magnitude : magnitude);
    }

    /** What a count of time counts. */
    enum Unit {
        MILLISECONDS,
        MICROSECONDS,
        NANOSECONDS;

        static Unit of(TimeUnit unit) {
            return unit.isSetMILLIS()
                    ? MILLISECONDS
                    : unit.isSetMICROS() ? MICROSECONDS : NANOSECONDS;
        }

        /** Whether so many are within the range of microseconds. */
        boolean fits(long count) {
            return this != MILLISECONDS || Math.abs(count) <= Long.MAX_VALUE / 1000;
        }

        /** The microseconds, without what is left of one: so a moment stays in its day. */
        long micros(long count) {
            return switch (this) {
                case MILLISECONDS -> count * 1000;
                case MICROSECONDS -> count;
                case NANOSECONDS -> Math.floorDiv(count, 1000);
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
