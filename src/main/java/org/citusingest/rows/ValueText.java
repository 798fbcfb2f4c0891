package org.citusingest.rows;

import java.sql.Time;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

/** Writes a value as a text that PostgreSQL reads as the same value. */
final class ValueText {
    private ValueText() {}

    /** The text of a value; empty for a class that is not known to have one. */
    static Optional<String> of(Object value) {
        if (value instanceof byte[] bytes) {
            return Optional.of("\\x" + HexFormat.of().formatHex(bytes));
        }
        if (value instanceof ZonedDateTime zoned) {
            return Optional.of(zoned.toOffsetDateTime().toString());
        }
        if (value instanceof Date date) {
            return Optional.of(text(date));
        }
        return isItsOwnText(value) ? Optional.of(value.toString()) : Optional.empty();
    }

    private static boolean isItsOwnText(Object value) {
        return value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof UUID
                || value instanceof LocalDate
                || value instanceof LocalTime
                || value instanceof LocalDateTime
                || value instanceof OffsetTime
                || value instanceof OffsetDateTime
                || value instanceof Instant
                || value instanceof Duration
                || value instanceof Period;
    }

    private static String text(Date date) {
        if (date instanceof java.sql.Date day) {
            return day.toLocalDate().toString();
        }
        if (date instanceof Time time) {
            return time.toLocalTime().toString();
        }
        // In the zone of this machine: a column without time zone then gets the time of day that
        // the value shows, and one with time zone the moment that it is.
        return date.toInstant().atZone(ZoneId.systemDefault()).toOffsetDateTime().toString();
    }
}
