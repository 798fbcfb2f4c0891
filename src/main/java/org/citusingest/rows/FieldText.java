package org.citusingest.rows;

import java.time.LocalDate;
import java.time.chrono.IsoEra;
import java.time.temporal.ChronoField;
import java.util.Arrays;

/** Writes values as text that PostgreSQL reads as the same values, into an array that is reused. */
final class FieldText {
    private static final byte[] HEX =
            "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final long DAY_MICROS = 86_400_000_000L;
    private static final int MICROS = 1_000_000;

    private byte[] bytes = new byte[64];
    private int length;

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Forgets what was written. */
    void begin() {
        length = 0;
    }

    void ascii(String text) {
        reserve(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
    }

    /** A number with so many digits after the point; a negative scale adds zeros. */
    void decimal(long unscaled, int scale) {
        String digits = Long.toString(unscaled);
        int sign = unscaled < 0 ? 1 : 0;
        if (scale <= 0) {
            ascii(digits);
            ascii(unscaled == 0 ? "" : "0".repeat(-scale));
            return;
        }
        ascii(digits.substring(0, sign));
        int whole = digits.length() - sign - scale;
        ascii(whole > 0 ? digits.substring(sign, sign + whole) : "0");
        ascii(".");
        ascii(whole < 0 ? "0".repeat(-whole) : "");
        ascii(digits.substring(sign + Math.max(whole, 0)));
    }

    /** A date of the Gregorian calendar, with BC before the year 1. */
    void date(long days) {
        ascii(ymd(days));
        ascii(era(days));
    }

    void timestamp(long micros, String zone) {
        long days = Math.floorDiv(micros, DAY_MICROS);
        ascii(ymd(days));
        ascii(" ");
        time(Math.floorMod(micros, DAY_MICROS));
        ascii(zone);
        ascii(era(days));
    }

    private static String ymd(long days) {
        LocalDate date = LocalDate.ofEpochDay(days);
        return "%04d-%02d-%02d"
                .formatted(
                        date.get(ChronoField.YEAR_OF_ERA),
                        date.getMonthValue(),
                        date.getDayOfMonth());
    }

    private static String era(long days) {
        return LocalDate.ofEpochDay(days).getEra() == IsoEra.BCE ? " BC" : "";
    }

    /** Microseconds since midnight. */
    void time(long micros) {
        long seconds = micros / MICROS;
        two(seconds / 3600);
        ascii(":");
        two(seconds / 60 % 60);
        ascii(":");
        two(seconds % 60);
        int fraction = (int) (micros % MICROS);
        if (fraction != 0) {
            ascii(".");
            for (int unit = MICROS / 10; unit > 0; unit /= 10) {
                reserve(1);
                bytes[length++] = (byte) ('0' + fraction / unit % 10);
            }
        }
    }

    private void two(long number) {
        reserve(2);
        bytes[length++] = (byte) ('0' + number / 10);
        bytes[length++] = (byte) ('0' + number % 10);
    }

    void uuid(byte[] value, int start) {
        for (int i = 0; i < 16; i++) {
            if (i == 4 || i == 6 || i == 8 || i == 10) {
                ascii("-");
            }
            hex(value[start + i]);
        }
    }

    /** The hexadecimal form of bytea. */
    void binary(byte[] value, int start, int end) {
        reserve((end - start) * 2 + 2);
        ascii("\\x");
        for (int i = start; i < end; i++) {
            hex(value[i]);
        }
    }

    private void hex(byte value) {
        reserve(2);
        bytes[length++] = HEX[value >> 4 & 0xF];
        bytes[length++] = HEX[value & 0xF];
    }

    private void reserve(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }
}
