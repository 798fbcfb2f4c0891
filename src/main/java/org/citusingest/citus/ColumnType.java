package org.citusingest.citus;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.citusingest.rows.Field;

/**
 * The PostgreSQL types whose values can be encoded for binary COPY, each with its encoder.
 *
 * <p>The modifiers of a type, as the 5 of {@code varchar(5)}, are of no concern here: the receive
 * functions of the server apply them as its input functions do. The encoders have no state and may
 * be used by any number of threads.
 */
enum ColumnType implements ColumnEncoder {
    BOOL(16, new BoolEncoder()),
    BYTEA(17, new ByteaEncoder()),
    INT8(20, new IntegerEncoder(8)),
    INT2(21, new IntegerEncoder(2)),
    INT4(23, new IntegerEncoder(4)),
    TEXT(25, ColumnType::same),
    JSON(114, ColumnType::same),
    FLOAT4(700, FloatEncoder::float4),
    FLOAT8(701, FloatEncoder::float8),
    BPCHAR(1042, ColumnType::same),
    VARCHAR(1043, ColumnType::same),
    DATE(1082, DateTimeEncoder::date),
    TIMESTAMP(1114, DateTimeEncoder::timestamp),
    TIMESTAMPTZ(1184, DateTimeEncoder::timestamptz),
    NUMERIC(1700, new NumericEncoder()),
    UUID(2950, new UuidEncoder()),
    JSONB(3802, ColumnType::jsonb);

    private static final Map<Long, ColumnType> BY_OID =
            Stream.of(values())
                    .collect(Collectors.toUnmodifiableMap(ColumnType::oid, Function.identity()));

    /** The only version of jsonb's binary form that there is; the JSON text follows it. */
    private static final int JSONB_VERSION = 1;

    private final long oid;

    /** Immutable, as all of the encoders above are. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final ColumnEncoder encoder;

    ColumnType(long oid, ColumnEncoder encoder) {
        this.oid = oid;
        this.encoder = encoder;
    }

    /** The type with this OID in {@code pg_type}; empty when its columns need text COPY. */
    static Optional<ColumnType> ofOid(long oid) {
        return Optional.ofNullable(BY_OID.get(oid));
    }

    /** The OID that the type has in every PostgreSQL. */
    long oid() {
        return oid;
    }

    @Override
    public boolean encode(Field field, CopyBuffer out) {
        return encoder.encode(field, out);
    }

    /**
     * Appends the text as it is, for types whose receive function reads the same text as their
     * input function. What is no text is not recognised; what is no JSON the server refuses.
     */
    private static boolean same(Field field, CopyBuffer out) {
        if (Utf8.firstInvalid(field.bytes(), field.start(), field.end()) < field.end()) {
            return false;
        }
        out.putInt(field.length());
        out.put(field.bytes(), field.start(), field.length());
        return true;
    }

    private static boolean jsonb(Field field, CopyBuffer out) {
        if (Utf8.firstInvalid(field.bytes(), field.start(), field.end()) < field.end()) {
            return false;
        }
        out.putInt(field.length() + 1);
        out.putByte(JSONB_VERSION);
        out.put(field.bytes(), field.start(), field.length());
        return true;
    }
}
