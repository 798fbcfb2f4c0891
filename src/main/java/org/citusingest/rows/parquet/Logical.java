package org.citusingest.rows.parquet;

import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;
import org.citusingest.rows.parquet.ValueType.Unit;

/**
 * What a file says of the values of a leaf, in the words of today or in those of before 2018.
 *
 * @param scale the digits after the point of a decimal
 * @param unit what a time or timestamp counts
 * @param utc whether a timestamp is a moment; else it is what a clock showed
 */
record Logical(Kind kind, int scale, Unit unit, boolean utc) {
    /** More than PostgreSQL has. */
    private static final int MOST_DIGITS = 131_072;

    /** The kinds that make a difference. */
    enum Kind {
        NONE,
        TEXT,
        UNSIGNED,
        DECIMAL,
        DATE,
        TIME,
        TIMESTAMP,
        UUID,
        FLOAT16,
        INTERVAL,
        OTHER
    }

    static Logical of(SchemaElement leaf) {
        if (leaf.isSetLogicalType()) {
            return of(leaf.getLogicalType());
        }
        return leaf.isSetConverted_type() ? of(leaf.getConverted_type(), leaf) : of(Kind.NONE);
    }

    /** Whether the text of a value is a number. */
    boolean isNumeric() {
        return kind == Kind.DECIMAL || kind == Kind.UNSIGNED;
    }

    private static Logical of(Kind kind) {
        return new Logical(kind, 0, Unit.MICROSECONDS, false);
    }

    private static Logical decimal(int scale) {
        if (scale < 0 || scale > MOST_DIGITS) {
            throw new DamageException(
                    "a decimal cannot have %d digits after the point".formatted(scale));
        }
        return new Logical(Kind.DECIMAL, scale, Unit.MICROSECONDS, false);
    }

    private static Logical of(LogicalType type) {
        if (type.isSetSTRING() || type.isSetENUM() || type.isSetJSON()) {
            return of(Kind.TEXT);
        }
        if (type.isSetDECIMAL()) {
            return decimal(type.getDECIMAL().getScale());
        }
        if (type.isSetDATE()) {
            return of(Kind.DATE);
        }
        if (type.isSetTIME()) {
            return new Logical(Kind.TIME, 0, Unit.of(type.getTIME().getUnit()), false);
        }
        if (type.isSetTIMESTAMP()) {
            return new Logical(
                    Kind.TIMESTAMP,
                    0,
                    Unit.of(type.getTIMESTAMP().getUnit()),
                    type.getTIMESTAMP().isIsAdjustedToUTC());
        }
        if (type.isSetINTEGER()) {
            return of(type.getINTEGER().isIsSigned() ? Kind.OTHER : Kind.UNSIGNED);
        }
        if (type.isSetUUID()) {
            return of(Kind.UUID);
        }
        return of(type.isSetFLOAT16() ? Kind.FLOAT16 : Kind.OTHER);
    }

    private static Logical of(ConvertedType type, SchemaElement leaf) {
        return switch (type) {
            case UTF8, ENUM, JSON -> of(Kind.TEXT);
            case DECIMAL -> decimal(leaf.getScale());
            case DATE -> of(Kind.DATE);
            case TIME_MILLIS -> new Logical(Kind.TIME, 0, Unit.MILLISECONDS, false);
            case TIME_MICROS -> new Logical(Kind.TIME, 0, Unit.MICROSECONDS, false);
            case TIMESTAMP_MILLIS -> new Logical(Kind.TIMESTAMP, 0, Unit.MILLISECONDS, true);
            case TIMESTAMP_MICROS -> new Logical(Kind.TIMESTAMP, 0, Unit.MICROSECONDS, true);
            case UINT_8, UINT_16, UINT_32, UINT_64 -> of(Kind.UNSIGNED);
            case INTERVAL -> of(Kind.INTERVAL);
            case INT_8, INT_16, INT_32, INT_64, BSON, MAP, MAP_KEY_VALUE, LIST -> of(Kind.OTHER);
        };
    }
}
