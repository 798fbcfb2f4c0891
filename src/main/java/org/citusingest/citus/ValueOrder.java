package org.citusingest.citus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The order that a type's values have in an index, as far as it can be told from the first bytes of
 * a value in a binary COPY: numbers, read as unsigned ones, that never stand in another order than
 * the values.
 *
 * <p>Texts are ordered by their bytes, as in the collation C. Another collation brings much the
 * same texts together, and that is what an index gains from.
 */
enum ValueOrder {
    BOOL(1) {
        @Override
        long word(byte[] bytes, int start, int length, int word) {
            return bytes[start];
        }
    },
    INT2(1) {
        @Override
        long word(byte[] bytes, int start, int length, int word) {
            return ofSigned((short) SHORT.get(bytes, start));
        }
    },
    /** A date too, which is a number of days. */
    INT4(1) {
        @Override
        long word(byte[] bytes, int start, int length, int word) {
            return ofSigned((int) INT.get(bytes, start));
        }
    },
    /** Timestamps too, which are numbers of microseconds. */
    INT8(1) {
        @Override
        long word(byte[] bytes, int start, int length, int word) {
            return ofSigned((long) LONG.get(bytes, start));
        }
    },
    FLOAT4(1) {
        @Override
        long word(byte[] bytes, int start, int length, int word) {
            return ofDouble(Float.intBitsToFloat((int) INT.get(bytes, start)));
        }
    },
    FLOAT8(1) {
        @Override
        long word(byte[] bytes, int start, int length, int word) {
            return ofDouble(Double.longBitsToDouble((long) LONG.get(bytes, start)));
        }
    },
    /** By the power of 10000 that the first digit counts, and the first digits. */
    NUMERIC(1) {
        @Override
        long word(byte[] bytes, int start, int length, int word) {
            long value = 0;
            if (length > NUMERIC_HEADER) {
                value = (short) SHORT.get(bytes, start + 2) + NUMERIC_WEIGHTS;
                for (int digit = 0; digit < 3; digit++) {
                    int at = NUMERIC_HEADER + 2 * digit;
                    value = value << 14 | (at < length ? (short) SHORT.get(bytes, start + at) : 0);
                }
            }
            return ofSigned((short) SHORT.get(bytes, start + 4) == 0 ? value : -value);
        }
    },
    BYTES(2) {
        @Override
        long word(byte[] bytes, int start, int length, int word) {
            return ofBytes(bytes, start, length, word);
        }
    },
    /** A char(n), to which blanks at the end make no difference. */
    BLANK_PADDED(2) {
        @Override
        long word(byte[] bytes, int start, int length, int word) {
            int end = length;
            while (end > 0 && bytes[start + end - 1] == ' ') {
                end--;
            }
            return ofBytes(bytes, start, end, word);
        }
    };

    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);

    private static final int NUMERIC_HEADER = 8;

    /** More than the weight of any number that is encoded. */
    private static final long NUMERIC_WEIGHTS = 1024;

    private final int words;

    ValueOrder(int words) {
        this.words = words;
    }

    /** The order of a type; empty where it is not known. */
    static Optional<ValueOrder> of(long typeOid) {
        return ColumnType.ofOid(typeOid)
                .map(
                        type ->
                                switch (type) {
                                    case BOOL -> BOOL;
                                    case INT2 -> INT2;
                                    case INT4, DATE -> INT4;
                                    case INT8, TIMESTAMP, TIMESTAMPTZ -> INT8;
                                    case FLOAT4 -> FLOAT4;
                                    case FLOAT8 -> FLOAT8;
                                    case NUMERIC -> NUMERIC;
                                    case TEXT, VARCHAR, UUID, BYTEA -> BYTES;
                                    case BPCHAR -> BLANK_PADDED;
                                    case JSON, JSONB -> null;
                                });
    }

    /** How many numbers there are of a value: what the first leaves open the next ones decide. */
    int words() {
        return words;
    }

    /** One of the numbers of the value whose bytes, without their length, stand there. */
    abstract long word(byte[] bytes, int start, int length, int word);

    private static long ofSigned(long value) {
        return value ^ Long.MIN_VALUE;
    }

    private static long ofDouble(double value) {
        // Makes one zero of both, which are equal in an index.
        long bits = Double.doubleToRawLongBits(value + 0.0);
        return ofSigned(bits ^ ((bits >> 63) & Long.MAX_VALUE));
    }

    private static long ofBytes(byte[] bytes, int start, int length, int word) {
        int from = word * Long.BYTES;
        if (length - from >= Long.BYTES) {
            return (long) LONG.get(bytes, start + from);
        }
        long value = 0;
        for (int i = from; i < from + Long.BYTES; i++) {
            value = value << Byte.SIZE | (i < length ? bytes[start + i] & 0xff : 0);
        }
        return value;
    }

    private static VarHandle view(Class<?> type) {
        return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.BIG_ENDIAN);
    }
}
