package org.citusingest.citus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The hash by which Citus finds the shard of a value, made from the value's bytes in a binary COPY.
 *
 * <p>It is the one of the type's hash operator class in PostgreSQL: Bob Jenkins' lookup3 of 2006,
 * as {@code hash_bytes} of src/common/hashfn.c has it on a machine with little-endian words. Texts
 * have it only where their collation is deterministic, and Citus distributes by no others.
 */
enum ShardHash {
    /** Hashed by all of their bytes. */
    BYTES {
        @Override
        int hash(byte[] bytes, int start, int length) {
            return ofBytes(bytes, start, length);
        }
    },
    BOOL {
        @Override
        int hash(byte[] bytes, int start, int length) {
            return ofInt(bytes[start]);
        }
    },
    INT2 {
        @Override
        int hash(byte[] bytes, int start, int length) {
            return ofInt((short) SHORT.get(bytes, start));
        }
    },
    /** A date too, which is a number of days. */
    INT4 {
        @Override
        int hash(byte[] bytes, int start, int length) {
            return ofInt((int) INT.get(bytes, start));
        }
    },
    /** Timestamps too, which are numbers of microseconds. */
    INT8 {
        @Override
        int hash(byte[] bytes, int start, int length) {
            long value = (long) LONG.get(bytes, start);
            int high = (int) (value >> 32);
            // So a number has one hash, whichever of the three types it is of.
            return ofInt((int) value ^ (value < 0 ? ~high : high));
        }
    };

    private static final VarHandle SHORT = view(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = view(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = view(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle WORD = view(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int SEED = 0x9e3779b9 + 3923095;

    /** The hash of a type; empty where it is not known, or not proven. */
    static Optional<ShardHash> of(long typeOid) {
        return ColumnType.ofOid(typeOid)
                .map(
                        type ->
                                switch (type) {
                                    case BOOL -> BOOL;
                                    case INT2 -> INT2;
                                    case INT4, DATE -> INT4;
                                    case INT8, TIMESTAMP, TIMESTAMPTZ -> INT8;
                                    case TEXT, VARCHAR, UUID -> BYTES;
                                    case BYTEA, JSON, FLOAT4, FLOAT8, BPCHAR, NUMERIC, JSONB ->
                                            null;
                                });
    }

    /** The hash of the value whose bytes, without their length, stand there. */
    abstract int hash(byte[] bytes, int start, int length);

    private static int ofInt(int value) {
        int seed = SEED + Integer.BYTES;
        return last(seed + value, seed, seed);
    }

    private static int ofBytes(byte[] bytes, int start, int length) {
        int a = SEED + length;
        int b = a;
        int c = a;
        int at = start;
        int left = length;
        for (; left >= 12; left -= 12) {
            a += (int) WORD.get(bytes, at);
            b += (int) WORD.get(bytes, at + 4);
            c += (int) WORD.get(bytes, at + 8);
            at += 12;
            a = (a - c) ^ Integer.rotateLeft(c, 4);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 6);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 8);
            b += a;
            a = (a - c) ^ Integer.rotateLeft(c, 16);
            c += b;
            b = (b - a) ^ Integer.rotateLeft(a, 19);
            a += c;
            c = (c - b) ^ Integer.rotateLeft(b, 4);
            b += a;
        }
        a += word(bytes, at, left);
        b += word(bytes, at + 4, left - 4);
        // The lowest byte of c is kept for the length.
        c += word(bytes, at + 8, left - 8) << 8;
        return last(a, b, c);
    }

    /** A word of which only so many bytes are there; none where that is 0 or less. */
    private static int word(byte[] bytes, int start, int left) {
        if (left >= 4) {
            return (int) WORD.get(bytes, start);
        }
        int word = 0;
        for (int i = 0; i < left; i++) {
            word |= (bytes[start + i] & 0xff) << (8 * i);
        }
        return word;
    }

    private static int last(int first, int second, int third) {
        int c = (third ^ second) - Integer.rotateLeft(second, 14);
        int a = (first ^ c) - Integer.rotateLeft(c, 11);
        int b = (second ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        return (c ^ b) - Integer.rotateLeft(b, 24);
    }

    private static VarHandle view(Class<?> type, ByteOrder order) {
        return MethodHandles.byteArrayViewVarHandle(type, order);
    }
}
