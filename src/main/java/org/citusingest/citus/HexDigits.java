package org.citusingest.citus;

import java.util.Arrays;

/** Reads hexadecimal digits of either case. */
final class HexDigits {
    private static final byte[] VALUES = new byte[256];

    static {
        Arrays.fill(VALUES, (byte) -1);
        for (int i = 0; i < 16; i++) {
            VALUES[Character.forDigit(i, 16)] = (byte) i;
            VALUES[Character.toUpperCase(Character.forDigit(i, 16))] = (byte) i;
        }
    }

    private HexDigits() {}

    /**
     * Appends {@code count} bytes, each read from two digits.
     *
     * @return false when there is something else than digits; what was appended is to be rewound
     */
    static boolean put(byte[] text, int start, int count, CopyBuffer out) {
        int at = out.extend(count);
        byte[] target = out.bytes();
        for (int i = 0; i < count; i++) {
            int high = VALUES[text[start + 2 * i] & 0xFF];
            int low = VALUES[text[start + 2 * i + 1] & 0xFF];
            if ((high | low) < 0) {
                return false;
            }
            target[at + i] = (byte) ((high << 4) | low);
        }
        return true;
    }
}
