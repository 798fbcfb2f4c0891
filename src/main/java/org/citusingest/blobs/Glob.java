package org.citusingest.blobs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A pattern of blob names: {@code *} stands for any characters within a folder, {@code **} for any
 * characters at all, {@code ?} for one character; several patterns are separated by commas.
 */
final class Glob {
    private final List<Pattern> patterns = new ArrayList<>();
    private final String prefix;

    private Glob(String text) {
        String common = null;
        for (String part : text.split(",", -1)) {
            String glob = part.trim();
            if (!glob.isEmpty()) {
                patterns.add(Pattern.compile(regex(glob), Pattern.DOTALL));
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
        return patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
    }

    /** What every matching name begins with; the server lists no others. */
    String prefix() {
        return prefix;
    }

    private static String regex(String glob) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            if (c == '*' && i + 1 < glob.length() && glob.charAt(i + 1) == '*') {
                // "a/**/b" matches "a/b" too, as in a shell.
                boolean folders =
                        i + 2 < glob.length()
                                && glob.charAt(i + 2) == '/'
                                && (i == 0 || glob.charAt(i - 1) == '/');
                regex.append(folders ? "(?:.*/)?" : ".*");
                i += folders ? 2 : 1;
            } else if (c == '*') {
                regex.append("[^/]*");
            } else if (c == '?') {
                regex.append("[^/]");
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return regex.toString();
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
        return one.substring(0, end);
    }
}
