package org.citusingest.rows.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The grammar of RFC 8259: where the values end that stand in an array of bytes. What is none is
 * told by a negative position, as in a file with many malformed lines an exception each would be
 * dear, and by {@link #error()}.
 */
abstract class JsonSyntax {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    /** What is returned in place of a position. */
    static final int WRONG = -1;

    private static final int HEX_DIGITS = 4;

    private final boolean lines;
    private final int maxDepth;
    private final boolean[] objects;

    /** The text. */
    protected byte[] bytes = {};

    /** Where it ends. */
    protected int to;

    private boolean escaped;
    private JsonError error;
    private int errorAt;

    /**
     * @param lines whether a line feed is the end of the text and not white space
     */
    JsonSyntax(boolean lines, int maxDepth) {
        this.lines = lines;
        this.maxDepth = maxDepth;
        objects = new boolean[maxDepth + 1];
    }

    /** Says which text it is: {@code text[0, end)}. */
    final void text(byte[] text, int end) {
        bytes = text;
        to = end;
    }

    /** What is wrong with the last value; null for nothing. */
    final JsonError error() {
        return error;
    }

    /** Where that is. */
    final int errorAt() {
        return errorAt;
    }

    /** Forgets the error. */
    final void clear() {
        error = null;
    }

    /** Whether the last string has escapes. */
    final boolean isEscaped() {
        return escaped;
    }

    /** Where white space ends. */
    final int afterSpace(int from) {
        byte[] bytes = this.bytes;
        int at = from;
        while (at < to) {
            byte c = bytes[at];
            if (c != ' ' && c != '\t' && c != '\r' && (c != '\n' || lines)) {
                break;
            }
            at++;
        }
        return at;
    }

    /** Notes an error: the first of a value counts, or what makes it malformed. */
    final int wrong(JsonError what, int at) {
        if (error == null || (what.isMalformed() && !error.isMalformed())) {
            boolean ends = at >= to || (lines && bytes[at] == '\n');
            error = ends && what.isMalformed() ? JsonError.ENDS_EARLY : what;
            errorAt = at;
        }
        return WRONG;
    }

    /** Whether a value in so many others may be. */
    final boolean isTooDeep(int depth) {
        return depth > maxDepth;
    }

    /**
     * Where a value ends that is of no interest.
     *
     * @param depth how deep it is if it is an object or an array; 1 for the outermost
     */
    final int skip(int from, int depth) {
        boolean[] objects = this.objects;
        int level = depth - 1;
        int at = from;
        while (true) {
            at = afterSpace(at);
            int c = at < to ? bytes[at] : 0;
            if (c == '{' || c == '[') {
                if (isTooDeep(++level)) {
                    return wrong(JsonError.TOO_DEEP, at);
                }
                boolean object = c == '{';
                objects[level] = object;
                at = afterSpace(at + 1);
                if (at < to && bytes[at] == (object ? '}' : ']')) {
                    at++;
                    level--;
                } else {
                    if (object) {
                        at = key(at);
                        if (at < 0) {
                            return WRONG;
                        }
                    }
                    continue;
                }
            } else {
                at = scalar(at);
                if (at < 0) {
                    return WRONG;
                }
            }
            while (level >= depth) {
                boolean object = objects[level];
                at = afterSpace(at);
                c = at < to ? bytes[at] : 0;
                if (c == (object ? '}' : ']')) {
                    at++;
                    level--;
                } else if (c == ',') {
                    at++;
                    if (object) {
                        at = key(afterSpace(at));
                        if (at < 0) {
                            return WRONG;
                        }
                    }
                    break;
                } else {
                    return wrong(
                            object ? JsonError.NO_COMMA_IN_OBJECT : JsonError.NO_COMMA_IN_ARRAY,
                            at);
                }
            }
            if (level < depth) {
                return at;
            }
        }
    }

    /** Where the colon after a key ends. */
    final int key(int at) {
        if (at >= to || bytes[at] != '"') {
            return wrong(JsonError.NO_KEY, at);
        }
        int end = string(at + 1);
        return end < 0 ? WRONG : colon(end);
    }

    /** Whether the key is this one that stands after the quote before {@code from}. */
    final boolean isKey(int from, byte[] name) {
        int end = string(from) - 1;
        byte[] text = new byte[end - from];
        int length = JsonString.unescape(bytes, from, end, text, 0);
        return Arrays.equals(text, 0, length, name, 0, name.length);
    }

    /** Where the colon ends that is expected here. */
    final int colon(int from) {
        int at = afterSpace(from);
        return at < to && bytes[at] == ':' ? at + 1 : wrong(JsonError.NO_COLON, at);
    }

    /** Where a string, a number, true, false or null ends. */
    final int scalar(int at) {
        int c = at < to ? bytes[at] : 0;
        return switch (c) {
            case '"' -> string(at + 1);
            case 't' -> literal(at, "true");
            case 'f' -> literal(at, "false");
            case 'n' -> literal(at, "null");
            default ->
                    c == '-' || (c >= '0' && c <= '9') ? number(at) : wrong(JsonError.NO_VALUE, at);
        };
    }

    private int literal(int at, String word) {
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= to) {
                return wrong(JsonError.ENDS_EARLY, to);
            }
            if (bytes[at + i] != word.charAt(i)) {
                // In a line that ends here it is cut off.
                return wrong(JsonError.NO_VALUE, bytes[at + i] == '\n' ? at + i : at);
            }
        }
        return at + word.length();
    }

    private int number(int from) {
        int at = bytes[from] == '-' ? from + 1 : from;
        at = at < to && bytes[at] == '0' ? at + 1 : digits(at);
        if (at >= 0 && at < to && bytes[at] == '.') {
            at = digits(at + 1);
        }
        if (at >= 0 && at < to && (bytes[at] | 0x20) == 'e') {
            at++;
            at = digits(at < to && (bytes[at] == '+' || bytes[at] == '-') ? at + 1 : at);
        }
        return at;
    }

    private int digits(int from) {
        byte[] bytes = this.bytes;
        int at = from;
        while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        return at > from ? at : wrong(JsonError.NO_NUMBER, at);
    }

    /** Where a string ends, after its closing quote; it begins before {@code from}. */
    final int string(int from) {
        byte[] bytes = this.bytes;
        int to = this.to;
        int safe = to - Long.BYTES;
        int at = from;
        escaped = false;
        while (at < to) {
            if (at <= safe) {
                long word = (long) LONGS.get(bytes, at);
                long found =
                        matches(word, '"' * ONES)
                                | matches(word, '\\' * ONES)
                                // Below the space, that is.
                                | ((word - ' ' * ONES) & ~word & HIGHS);
                if (found == 0) {
                    at += Long.BYTES;
                    continue;
                }
                at += Long.numberOfTrailingZeros(found) >>> 3;
            }
            int c = bytes[at];
            if (c == '"') {
                return at + 1;
            }
            if (c == '\\') {
                escaped = true;
                at = afterEscape(at);
                if (at < 0) {
                    return WRONG;
                }
            } else if (c >= 0 && c < ' ') {
                return wrong(JsonError.CONTROL_CHARACTER, at);
            } else {
                at++;
            }
        }
        return wrong(JsonError.ENDS_EARLY, to);
    }

    /** The highest bit of each byte of the word that equals the pattern's; exact for the lowest. */
    private static long matches(long word, long pattern) {
        long difference = word ^ pattern;
        return (difference - ONES) & ~difference & HIGHS;
    }

    private int afterEscape(int at) {
        int c = at + 1 < to ? bytes[at + 1] : 0;
        return switch (c) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at + 2;
            case 'u' -> {
                int end = at + 2 + HEX_DIGITS;
                for (int i = at + 2; i < end; i++) {
                    if (i >= to || Character.digit(bytes[i], 16) < 0) {
                        yield wrong(JsonError.BAD_ESCAPE, i);
                    }
                }
                yield end;
            }
            default -> wrong(JsonError.BAD_ESCAPE, at + 1);
        };
    }
}
