package org.citusingest.citus;

import org.citusingest.rows.Field;

/**
 * Encodes {@code bool}: the words {@code t true y yes on 1} and {@code f false n no off 0} in any
 * case. Their other prefixes and spaces around them, which PostgreSQL takes too, are left to it.
 */
final class BoolEncoder implements ColumnEncoder {
    private static final String[] TRUE = {"t", "true", "1", "y", "yes", "on"};
    private static final String[] FALSE = {"f", "false", "0", "n", "no", "off"};

    @Override
    public boolean encode(Field field, CopyBuffer out) {
        boolean typed = field.kind() == Field.Kind.BOOLEAN;
        boolean value = typed ? field.number() != 0 : isOneOf(TRUE, field);
        if (!typed && !value && !isOneOf(FALSE, field)) {
            return false;
        }
        out.putInt(1);
        out.putByte(value ? 1 : 0);
        return true;
    }

    private static boolean isOneOf(String[] words, Field field) {
        for (String word : words) {
            if (is(word, field)) {
                return true;
            }
        }
        return false;
    }

    private static boolean is(String word, Field field) {
        if (field.length() != word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            int found = field.bytes()[field.start() + i];
            int lower = found >= 'A' && found <= 'Z' ? found - 'A' + 'a' : found;
            if (lower != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
