package org.citusingest.citus;

import org.citusingest.rows.Field;

/**
 * Encodes {@code date}, {@code timestamp} and {@code timestamptz} as days or microseconds since
 * 2000-01-01.
 *
 * <p>Recognised are {@code YYYY-MM-DD}, which means the same whatever the server's DateStyle, and
 * for the timestamps also {@code YYYY-MM-DD HH:MM:SS[.f]} with a space or a T and one to six digits
 * of fraction; for {@code timestamptz} a zone may follow: {@code Z}, {@code ±HH}, {@code ±HHMM} or
 * {@code ±HH:MM}. Without a zone it is in UTC, as the sessions of a COPY are. Years go from 0001 to
 * 9999 in the Gregorian calendar, hours to 23, seconds to 59, zones to 15:59.
 */
final class DateTimeEncoder {
    private static final int INVALID = Integer.MIN_VALUE;
    private static final int DATE_LENGTH = 10;
    private static final int SECONDS_LENGTH = 19;
    private static final int FRACTION_DIGITS = 6;
    private static final long MICROS = 1_000_000;
    private static final long DAY_SECONDS = 86_400;
    private static final int MAX_ZONE_HOUR = 15;

    /** The days from 0000-03-01, where Hinnant's count starts, to 2000-01-01. */
    private static final int EPOCH = 730_425;

    /** The days from 1970-01-01 to 2000-01-01. */
    private static final long UNIX_DAYS = 10_957;

    /** From 0001-01-01, as days since 2000-01-01. */
    private static final long MIN_DAYS = -730_119;

    /** To 9999-12-31. */
    private static final long MAX_DAYS = 2_921_939;

    /** The last microsecond of 9999-12-31, since 1970-01-01. */
    private static final long MAX_MICROS = (MAX_DAYS + UNIX_DAYS + 1) * DAY_SECONDS * MICROS - 1;

    private DateTimeEncoder() {}

    /** Appends the text as {@code date}; a {@link ColumnEncoder}. */
    static boolean date(Field field, CopyBuffer out) {
        if (field.kind() == Field.Kind.DATE) {
            long since = field.number() - UNIX_DAYS;
            if (since < MIN_DAYS || since > MAX_DAYS) {
                return false;
            }
            out.putInt(4);
            out.putInt((int) since);
            return true;
        }
        if (field.length() != DATE_LENGTH) {
            return false;
        }
        int days = days(field.bytes(), field.start());
        if (days == INVALID) {
            return false;
        }
        out.putInt(4);
        out.putInt(days);
        return true;
    }

    /** Appends the text as {@code timestamp}; a {@link ColumnEncoder}. */
    static boolean timestamp(Field field, CopyBuffer out) {
        // PostgreSQL would take a zone here and ignore it.
        return timestamp(field, false, out);
    }

    /** Appends the text as {@code timestamptz}; a {@link ColumnEncoder}. */
    static boolean timestamptz(Field field, CopyBuffer out) {
        return timestamp(field, true, out);
    }

    private static boolean timestamp(Field field, boolean zoned, CopyBuffer out) {
        // A zone is ignored where the column has none, and is UTC where the value has none.
        if (field.kind() == Field.Kind.TIMESTAMP || field.kind() == Field.Kind.TIMESTAMPTZ) {
            long micros = field.number();
            if (micros < (MIN_DAYS + UNIX_DAYS) * DAY_SECONDS * MICROS || micros > MAX_MICROS) {
                return false;
            }
            out.putInt(8);
            out.putLong(micros - UNIX_DAYS * DAY_SECONDS * MICROS);
            return true;
        }
        byte[] bytes = field.bytes();
        int start = field.start();
        int end = field.end();
        int length = field.length();
        if (length != DATE_LENGTH && length < SECONDS_LENGTH) {
            return false;
        }
        int days = days(bytes, start);
        if (days == INVALID) {
            return false;
        }
        long seconds = days * DAY_SECONDS;
        int micros = 0;
        if (length > DATE_LENGTH) {
            int time = seconds(bytes, start + DATE_LENGTH);
            if (time == INVALID) {
                return false;
            }
            seconds += time;
            int at = start + SECONDS_LENGTH;
            if (at < end && bytes[at] == '.') {
                int fractionEnd = digitsEnd(bytes, at + 1, Math.min(end, at + 1 + FRACTION_DIGITS));
                micros = micros(bytes, at + 1, fractionEnd);
                // A fraction without digits stops at its point, which is no zone either.
                at = fractionEnd == at + 1 ? at : fractionEnd;
            }
            if (at < end) {
                int offset = zoned ? offset(bytes, at, end) : INVALID;
                if (offset == INVALID) {
                    return false;
                }
                seconds -= offset;
            }
        }
        out.putInt(8);
        out.putLong(seconds * MICROS + micros);
        return true;
    }

    /** The days from 2000-01-01 to the {@code YYYY-MM-DD} at {@code at}. */
    private static int days(byte[] bytes, int at) {
        int century = two(bytes, at);
        int ofCentury = two(bytes, at + 2);
        int month = two(bytes, at + 5);
        int day = two(bytes, at + 8);
        if ((century | ofCentury | month | day) < 0
                || bytes[at + 4] != '-'
                || bytes[at + 7] != '-') {
            return INVALID;
        }
        int year = century * 100 + ofCentury;
        if (year < 1 || month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) {
            return INVALID;
        }
        return daysFromCivil(year, month, day);
    }

    private static int monthLength(int year, int month) {
        if (month == 2) {
            return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    /**
     * Howard Hinnant's {@code days_from_civil} for years that are not negative ("chrono-Compatible
     * Low-Level Date Algorithms"): the year starts in March, so that the leap day is its last one.
     */
    private static int daysFromCivil(int year, int month, int day) {
        int marchYear = month <= 2 ? year - 1 : year;
        int era = marchYear / 400;
        int yearOfEra = marchYear - era * 400;
        int marchMonth = month > 2 ? month - 3 : month + 9;
        int dayOfYear = (153 * marchMonth + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097 + dayOfEra - EPOCH;
    }

    /** The seconds of the {@code " HH:MM:SS"} or {@code "THH:MM:SS"} at {@code at}. */
    private static int seconds(byte[] bytes, int at) {
        int hour = two(bytes, at + 1);
        int minute = two(bytes, at + 4);
        int second = two(bytes, at + 7);
        boolean valid =
                (bytes[at] == ' ' || bytes[at] == 'T')
                        && bytes[at + 3] == ':'
                        && bytes[at + 6] == ':'
                        && (hour | minute | second) >= 0
                        && hour < 24
                        && minute < 60
                        && second < 60;
        return valid ? (hour * 60 + minute) * 60 + second : INVALID;
    }

    private static int micros(byte[] bytes, int from, int to) {
        int value = 0;
        for (int i = 0; i < FRACTION_DIGITS; i++) {
            value = value * 10 + (from + i < to ? bytes[from + i] - '0' : 0);
        }
        return value;
    }

    /** The seconds by which the zone that is all the rest of the text is ahead of UTC. */
    private static int offset(byte[] bytes, int at, int end) {
        int length = end - at;
        if (length == 1) {
            return bytes[at] == 'Z' ? 0 : INVALID;
        }
        boolean signed = bytes[at] == '+' || bytes[at] == '-';
        boolean colon = length == 6 && bytes[at + 3] == ':';
        if (!signed || !(length == 3 || length == 5 || colon)) {
            return INVALID;
        }
        int hour = two(bytes, at + 1);
        int minute = length == 3 ? 0 : two(bytes, end - 2);
        if ((hour | minute) < 0 || hour > MAX_ZONE_HOUR || minute > 59) {
            return INVALID;
        }
        int seconds = (hour * 60 + minute) * 60;
        return bytes[at] == '-' ? -seconds : seconds;
    }

    /** The number of two digits; negative when they are not digits. */
    private static int two(byte[] bytes, int at) {
        int tens = bytes[at] - '0';
        int ones = bytes[at + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? INVALID : tens * 10 + ones;
    }

    private static int digitsEnd(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at;
    }
}
