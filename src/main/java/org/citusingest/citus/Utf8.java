package org.citusingest.citus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** What PostgreSQL takes for text, whatever the type: UTF-8 without the NUL character. */
final class Utf8 {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private Utf8() {}

    /**
     * Where the first byte stands that begins no valid character.
     *
     * @return {@code to} when all are valid
     */
    static int firstInvalid(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (at <= to - Long.BYTES) {
                long word = (long) LONGS.get(bytes, at);
                // Neither a byte above 127 nor a zero among them.
                if ((word & HIGHS) == 0 && ((word - ONES) & HIGHS) == 0) {
                    at += Long.BYTES;
                    continue;
                }
            }
            int length = length(bytes, at, to);
            if (length == 0) {
                return at;
            }
            at += length;
        }
        return to;
    }

    /** How many bytes the character has that begins here; 0 when none does. */
    private static int length(byte[] bytes, int at, int to) {
        int first = bytes[at];
        if (first > 0) {
            return 1;
        }
        int lead = first & 0xFF;
        // Overlong forms, surrogates and what lies above U+10FFFF are none, as in PostgreSQL.
        if (lead >= 0xC2 && lead <= 0xDF) {
            return continues(bytes, at, 1, to, 0x80, 0xBF) ? 2 : 0;
        }
        if (lead >= 0xE0 && lead <= 0xEF) {
            int low = lead == 0xE0 ? 0xA0 : 0x80;
            int high = lead == 0xED ? 0x9F : 0xBF;
            return continues(bytes, at, 2, to, low, high) ? 3 : 0;
        }
        if (lead >= 0xF0 && lead <= 0xF4) {
            int low = lead == 0xF0 ? 0x90 : 0x80;
            int high = lead == 0xF4 ? 0x8F : 0xBF;
            return continues(bytes, at, 3, to, low, high) ? 4 : 0;
        }
        return 0;
    }

    private static boolean continues(byte[] bytes, int at, int count, int to, int low, int high) {
        if (at + count >= to) {
            return false;
        }
        int second = bytes[at + 1] & 0xFF;
        if (second < low || second > high) {
            return false;
        }
        for (int i = 2; i <= count; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return false;
            }
        }
        return true;
    }

    /** What the server would say of the byte. */
    static String refusal(byte[] bytes, int at, int to) {
        StringBuilder text = new StringBuilder("invalid byte sequence for encoding \"UTF8\":");
        int lead = bytes[at] & 0xFF;
        int length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        for (int i = at; i < Math.min(to, at + length); i++) {
            text.append(" 0x%02x".formatted(bytes[i] & 0xFF));
        }
        return text.toString();
    }
}
