package org.citusingest.blobs;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern of blob names: {@code *} stands for any characters within a folder, {@code **} for any
 * characters at all, {@code ?} for one character; several patterns are separated by commas.
 *
 * <p>All states of a pattern are followed side by side, so no name takes longer than its length
 * times that of the pattern; a regular expression would backtrack for hours on some.
 */
final class Glob {
    // A step of a pattern is a code point, or one of these.
    private static final int ONE = -1;
    private static final int MANY = -2;
    private static final int ANY = -3;

    /** The next two steps may be left out. */
    private static final int OPTIONAL_PAIR = -4;

    private final List<int[]> patterns = new ArrayList<>();
    private final String prefix;

    private Glob(String text) {
        String common = null;
        for (String part : text.split(",", -1)) {
            String glob = part.trim();
            if (!glob.isEmpty()) {
                patterns.add(steps(glob.codePoints().toArray()));
                String literal = literalStart(glob);
                common = common == null ? literal : commonStart(common, literal);
            }
        }
        prefix = common == null ? "" : common;
    }

    static Glob of(String text) {
        return new Glob(text == null ? "" : text);
    }

    /** Whether there is no pattern at all. */
    boolean isEmpty() {
        return patterns.isEmpty();
    }

    boolean matches(String name) {
        int[] characters = name.codePoints().toArray();
        return patterns.stream().anyMatch(steps -> matches(steps, characters));
    }

    /** What every matching name begins with; the server lists no others. */
    String prefix() {
        return prefix;
    }

    private static int[] steps(int[] glob) {
        List<Integer> steps = new ArrayList<>();
        for (int i = 0; i < glob.length; i++) {
            if (glob[i] == '*' && i + 1 < glob.length && glob[i + 1] == '*') {
                // "a/**/b" matches "a/b" too, as in a shell.
                boolean folders =
                        i + 2 < glob.length && glob[i + 2] == '/' && (i == 0 || glob[i - 1] == '/');
                steps.addAll(folders ? List.of(OPTIONAL_PAIR, ANY, (int) '/') : List.of(ANY));
                i += folders ? 2 : 1;
            } else {
                steps.add(glob[i] == '*' ? MANY : glob[i] == '?' ? ONE : glob[i]);
            }
        }
        return steps.stream().mapToInt(Integer::intValue).toArray();
    }

    private static boolean matches(int[] steps, int[] name) {
        boolean[] current = new boolean[steps.length + 1];
        current[0] = true;
        for (int character : name) {
            addFree(steps, current);
            boolean[] next = new boolean[steps.length + 1];
            for (int i = 0; i < steps.length; i++) {
                if (current[i]) {
                    switch (steps[i]) {
                        case ANY -> next[i] = true;
                        case MANY -> next[i] |= character != '/';
                        case ONE -> next[i + 1] |= character != '/';
                        default -> next[i + 1] |= character == steps[i];
                    }
                }
            }
            current = next;
        }
        addFree(steps, current);
        return current[steps.length];
    }

    /** Adds the states that are reached without a character. */
    private static void addFree(int[] steps, boolean[] states) {
        for (int i = 0; i < steps.length; i++) {
            if (states[i] && (steps[i] == ANY || steps[i] == MANY || steps[i] == OPTIONAL_PAIR)) {
                states[i + 1] = true;
                if (steps[i] == OPTIONAL_PAIR) {
                    states[i + 3] = true;
                }
            }
        }
    }

    private static String literalStart(String glob) {
        int end = 0;
        while (end < glob.length() && glob.charAt(end) != '*' && glob.charAt(end) != '?') {
            end++;
        }
        return glob.substring(0, end);
    }

    private static String commonStart(String one, String other) {
        int end = 0;
        while (end < Math.min(one.length(), other.length())
                && one.charAt(end) == other.charAt(end)) {
            end++;
        }
        // Two characters beyond the basic plane may share their first half.
        if (end > 0 && Character.isHighSurrogate(one.charAt(end - 1))) {
            end--;
        }
        return one.substring(0, end);
    }
}
