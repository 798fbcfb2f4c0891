package org.citusingest.citus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The hash of a distribution value as Citus computes it, by the hash function that the type's
 * default operator class has in PostgreSQL. The value is taken as binary COPY has it.
 *
 * <p>The mixing is that of Bob Jenkins' lookup3 in the form of PostgreSQL's {@code
 * src/common/hashfn.c}.
 */
enum ShardHash {
    /** {@code hashint2}. */
    INT2 {
        @Override
        int hash(byte[] bytes, int start, int length) {
            return ofInt((short) SHORT.get(bytes, start));
        }
    },
    /** {@code hashint4}, for {@code date} too. */
    INT4 {
        @Override
        int hash(byte[] bytes, int start, int length) {
            return ofInt((int) INT.get(bytes, start));
        }
    },
    /** {@code hashint8} and {@code timestamp_hash}: equal integers of any width hash alike. */
    INT8 {
        @Override
        int hash(byte[] bytes, int start, int length) {
            long value = (long) LONG.get(bytes, start);
            int high = (int) (value >> 32);
            return ofInt((int) value ^ (value >= 0 ? high : ~high));
        }
    },
    /** {@code hashchar}. */
    BOOL {
        @Override
        int hash(byte[] bytes, int start, int length) {
            return ofInt(bytes[start]);
        }
    },
    /** {@code hash_any}, of text in a deterministic collation and of {@code uuid}. */
    BYTES {
        @Override
        int hash(byte[] bytes, int start, int length) {
            return ofBytes(bytes, start, length);
        }
    };

    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Words of a text as the servers read them, which are little-endian machines. */
    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int SEED = 0x9e3779b9 + 3923095;

    /** The function for a type; empty where none is proven. */
    static Optional<ShardHash> of(long typeOid) {
        return Optional.ofNullable(
                switch ((int) typeOid) {
                    case 16 -> BOOL;
                    case 20, 1114, 1184 -> INT8;
                    case 21 -> INT2;
                    case 23, 1082 -> INT4;
                    case 25, 1043, 2950 -> BYTES;
                    default -> null;
                });
    }

    /**
     * The hash of a value.
     *
     * @param start where its binary form starts, after the length
     * @param length how many bytes it has
     */
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
        for (; left >= 12; left -= 12, at += 12) {
            a += (int) WORD.get(bytes, at);
            b += (int) WORD.get(bytes, at + 4);
            c += (int) WORD.get(bytes, at + 8);
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
        // The lowest byte of c is kept for the length.
        for (int i = 0; i < left; i++) {
            int one = bytes[at + i] & 0xff;
            if (i < 4) {
                a += one << (8 * i);
            } else if (i < 8) {
                b += one << (8 * (i - 4));
            } else {
                c += one << (8 * (i - 7));
            }
        }
        return last(a, b, c);
    }

    private static int last(int first, int second, int third) {
        int a = first;
        int b = second;
        int c = (third ^ b) - Integer.rotateLeft(b, 14);
        a = (a ^ c) - Integer.rotateLeft(c, 11);
        b = (b ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        return (c ^ b) - Integer.rotateLeft(b, 24);
    }
}
