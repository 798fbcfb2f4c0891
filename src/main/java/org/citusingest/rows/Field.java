package org.citusingest.rows;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/**
 * The value of one field: a text in UTF-8, without the quotes and escapes of its source, or a value
 * of a typed source. Whatever it is, it has a text that PostgreSQL reads as the same value, which
 * is only written when it is asked for.
 *
 * <p>One instance is pointed at one field after the other, so that reading a row makes no objects.
 * Arrays that it was given belong to the batch: read them, do not keep them.
 */
public final class Field {
    /** What a value is. */
    public enum Kind {
        /** A text, in {@link #bytes()}. */
        TEXT,
        /** 0 or 1, in {@link #number()}. */
        BOOLEAN,
        /** A whole number, in {@link #number()}. */
        INTEGER,
        /** A float, in {@link #real()}. */
        FLOAT4,
        /** A double, in {@link #real()}. */
        FLOAT8,
        /** The days since 1970-01-01, in {@link #number()}. */
        DATE,
        /** A date and time without a zone: microseconds since 1970-01-01, in {@link #number()}. */
        TIMESTAMP,
        /** A moment: microseconds since 1970-01-01 in UTC, in {@link #number()}. */
        TIMESTAMPTZ,
        /** The 16 bytes of a UUID, in {@link #value()}. */
        UUID,
        /** Bytes that are no text, in {@link #value()}. */
        BINARY
    }

    private static final byte[] NOTHING = {};

    private Kind kind = Kind.TEXT;
    private long number;
    private double real;

    private byte[] value = NOTHING;
    private int valueStart;
    private int valueEnd;

    private byte[] bytes = NOTHING;
    private int start;
    private int end;
    private boolean written = true;
    private boolean json;
    private final FieldText text = new FieldText();

    /** What the value is. */
    public Kind kind() {
        return kind;
    }

    /** The value of a kind that is a number or counts something. */
    public long number() {
        return number;
    }

    /** The value of {@link Kind#FLOAT4} and {@link Kind#FLOAT8}. */
    public double real() {
        return real;
    }

    /** The array that holds the value of {@link Kind#UUID} and {@link Kind#BINARY}. */
    public byte[] value() {
        return value;
    }

    /** Where that value starts, inclusive. */
    public int valueStart() {
        return valueStart;
    }

    /** Where that value ends, exclusive. */
    public int valueEnd() {
        return valueEnd;
    }

    /** The array that holds the text. */
    public byte[] bytes() {
        write();
        return bytes;
    }

    /** Where the text starts, inclusive. */
    public int start() {
        write();
        return start;
    }

    /** Where the text ends, exclusive. */
    public int end() {
        write();
        return end;
    }

    /** How many bytes the text has. */
    public int length() {
        write();
        return end - start;
    }

    /** Points this field at the text {@code bytes[start, end)}. */
    public void set(byte[] bytes, int start, int end) {
        kind = Kind.TEXT;
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        written = true;
        json = false;
    }

    /**
     * Points it at the text of a value in JSON, of a string that between its quotes.
     *
     * @param written the array that holds the value as it is written
     */
    public void setJson(
            byte[] bytes, int start, int end, byte[] written, int writtenStart, int writtenEnd) {
        set(bytes, start, end);
        value = written;
        valueStart = writtenStart;
        valueEnd = writtenEnd;
        json = true;
    }

    /** Whether it is a value of a source in JSON. */
    public boolean isJson() {
        return json;
    }

    /**
     * Makes what is written in JSON its text, with the quotes of a string: for a column of JSON.
     */
    public void keepJson() {
        if (json) {
            bytes = value;
            start = valueStart;
            end = valueEnd;
        }
    }

    /** Gives it a text. */
    public void setText(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        set(utf8, 0, utf8.length);
    }

    /** Gives it a truth value. */
    public void setBoolean(boolean truth) {
        set(Kind.BOOLEAN, truth ? 1 : 0);
    }

    /** Gives it a whole number. */
    public void setInteger(long number) {
        set(Kind.INTEGER, number);
    }

    /** Gives it a float. */
    public void setFloat4(float real) {
        set(Kind.FLOAT4, 0);
        this.real = real;
    }

    /** Gives it a double. */
    public void setFloat8(double real) {
        set(Kind.FLOAT8, 0);
        this.real = real;
    }

    /** Gives it a number with {@code scale} digits after the point. */
    public void setDecimal(long unscaled, int scale) {
        text.begin();
        text.decimal(unscaled, scale);
        setWritten();
    }

    /** Gives it a number with {@code scale} digits after the point. */
    public void setDecimal(BigInteger unscaled, int scale) {
        if (unscaled.bitLength() < Long.SIZE) {
            setDecimal(unscaled.longValue(), scale);
        } else {
            setText(new java.math.BigDecimal(unscaled, scale).toPlainString());
        }
    }

    /** Gives it a date: the days since 1970-01-01. */
    public void setDate(long days) {
        set(Kind.DATE, days);
    }

    /** Gives it a time of day: the microseconds since midnight. */
    public void setTime(long micros) {
        text.begin();
        text.time(micros);
        setWritten();
    }

    /** Gives it a date and time without a zone: the microseconds since 1970-01-01. */
    public void setTimestamp(long micros) {
        set(Kind.TIMESTAMP, micros);
    }

    /** Gives it a moment: the microseconds since 1970-01-01 in UTC. */
    public void setTimestamptz(long micros) {
        set(Kind.TIMESTAMPTZ, micros);
    }

    /** Points it at the 16 bytes of a UUID. */
    public void setUuid(byte[] value, int start) {
        setValue(Kind.UUID, value, start, start + 16);
    }

    /** Points it at bytes that are no text. */
    public void setBinary(byte[] value, int start, int end) {
        setValue(Kind.BINARY, value, start, end);
    }

    private void set(Kind kind, long number) {
        this.kind = kind;
        this.number = number;
        written = false;
        json = false;
    }

    private void setValue(Kind kind, byte[] value, int start, int end) {
        this.kind = kind;
        this.value = value;
        valueStart = start;
        valueEnd = end;
        written = false;
        json = false;
    }

    private void setWritten() {
        set(text.bytes(), 0, text.length());
    }

    private void write() {
        if (written) {
            return;
        }
        text.begin();
        switch (kind) {
            case BOOLEAN -> text.ascii(number == 0 ? "false" : "true");
            case INTEGER -> text.decimal(number, 0);
            case FLOAT4 -> text.ascii(Float.toString((float) real));
            case FLOAT8 -> text.ascii(Double.toString(real));
            case DATE -> text.date(number);
            case TIMESTAMP -> text.timestamp(number, "");
            case TIMESTAMPTZ -> text.timestamp(number, "+00");
            case UUID -> text.uuid(value, valueStart);
            case BINARY -> text.binary(value, valueStart, valueEnd);
            case TEXT -> {}
        }
        bytes = text.bytes();
        start = 0;
        end = text.length();
        written = true;
    }

    @Override
    public String toString() {
        write();
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }
}
