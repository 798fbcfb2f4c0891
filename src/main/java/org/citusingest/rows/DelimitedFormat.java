package org.citusingest.rows;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * How rows are written as delimited text; by default as RFC 4180 has it.
 *
 * @param delimiter stands between two fields
 * @param quote stands around a field that has a delimiter, a line end or a quote in it; {@link
 *     #NONE} when fields are never quoted
 * @param escape makes the next quote or escape inside a quoted field an ordinary character; {@link
 *     #NONE} when only the doubled quote does so
 * @param header whether the first line holds the names of the columns
 * @param columns the names of the columns, instead of those in the header; empty when not given
 * @param nullToken the text that means NULL where it is not quoted
 * @param comment lines that start with it are skipped; {@link #NONE} when there are no comments
 * @param charset how the text is encoded where no byte order mark says otherwise
 * @param batchBytes how many bytes a batch holds at most, unless one row is longer
 * @param maxRecordBytes how many bytes a row may have
 * @param maxExpansion how many times the size of a large compressed source its content may have
 * @param maxDecompressedBytes how many bytes the content of a compressed source may have
 */
public record DelimitedFormat(
        char delimiter,
        char quote,
        char escape,
        boolean header,
        List<String> columns,
        String nullToken,
        char comment,
        Charset charset,
        int batchBytes,
        int maxRecordBytes,
        int maxExpansion,
        long maxDecompressedBytes) {

    /** Stands for a character that is not used. */
    public static final char NONE = '\0';

    /**
     * Checks that the options are possible and do not contradict each other.
     *
     * @throws IllegalArgumentException naming the option, its value and what is allowed
     */
    public DelimitedFormat {
        columns = List.copyOf(columns);
        Objects.requireNonNull(nullToken);
        Objects.requireNonNull(charset);
        check(delimiter != NONE, "delimiter", "", "it must be one ASCII character");
        checkCharacter("delimiter", delimiter);
        checkCharacter("quote", quote);
        checkCharacter("escape", escape);
        checkCharacter("comment", comment);
        checkDistinct("quote", quote, "delimiter", delimiter);
        checkDistinct("escape", escape, "delimiter", delimiter);
        checkDistinct("comment", comment, "delimiter", delimiter);
        checkDistinct("comment", comment, "quote", quote);
        check(
                escape == NONE || quote != NONE,
                "escape",
                escape,
                "it has a meaning only inside quotes, and the option 'quote' is none");
        Set<String> seen = new HashSet<>();
        for (String column : columns) {
            check(!column.isEmpty(), "columns", columns, "a name must not be empty");
            check(seen.add(column), "columns", columns, "'" + column + "' stands twice");
        }
        new TextLimits(batchBytes, maxRecordBytes, maxExpansion, maxDecompressedBytes);
        if (escape == quote) {
            escape = NONE;
        }
    }

    /** How much is read at a time, and how much there may be. */
    TextLimits limits() {
        return new TextLimits(batchBytes, maxRecordBytes, maxExpansion, maxDecompressedBytes);
    }

    /** A builder that starts with comma-separated values as RFC 4180 has them, with a header. */
    public static Builder builder() {
        return new Builder();
    }

    private static void checkCharacter(String option, char value) {
        check(
                value < 128 && value != '\r' && value != '\n',
                option,
                value,
                "it must be one ASCII character other than a line end");
    }

    private static void checkDistinct(String option, char value, String other, char otherValue) {
        check(
                value == NONE || value != otherValue,
                option,
                value,
                "it must differ from the option '" + other + "'");
    }

    private static void check(boolean right, String option, Object value, String allowed) {
        if (!right) {
            throw new IllegalArgumentException(
                    "The option '" + option + "' is '" + value + "', but " + allowed);
        }
    }

    /** Takes the options as a user writes them. What is not set keeps its default. */
    public static final class Builder {
        private char delimiter = ',';
        private char quote = '"';
        private char escape = NONE;
        private boolean header = true;
        private List<String> columns = List.of();
        private String nullToken = "";
        private char comment = NONE;
        private Charset charset = StandardCharsets.UTF_8;
        private int batchBytes = 8 << 20;
        private int maxRecordBytes = 16 << 20;
        private int maxExpansion = 200;
        private long maxDecompressedBytes = 1L << 40;

        private Builder() {}

        /** One character; {@code \t} and {@code tab} mean the tab. The default is a comma. */
        public Builder delimiter(String value) {
            delimiter = character("delimiter", value);
            return this;
        }

        /** One character; empty or {@code none} for no quotes. The default is {@code "}. */
        public Builder quote(String value) {
            quote = character("quote", value);
            return this;
        }

        /** One character; empty or {@code none}, the default, for the doubled quote alone. */
        public Builder escape(String value) {
            escape = character("escape", value);
            return this;
        }

        /** Whether the first line holds the names of the columns, which is the default. */
        public Builder header(boolean value) {
            header = value;
            return this;
        }

        /** The names of the columns, instead of those in the header. */
        public Builder columns(List<String> value) {
            columns = value;
            return this;
        }

        /** The unquoted text that means NULL. The default is the empty text. */
        public Builder nullToken(String value) {
            nullToken = value;
            return this;
        }

        /** One character; empty or {@code none}, the default, for no comments. */
        public Builder comment(String value) {
            comment = character("comment", value);
            return this;
        }

        /** The name of the encoding. The default is UTF-8. */
        public Builder charset(String value) {
            charset = TextLimits.charset(value);
            return this;
        }

        /** How many bytes a batch holds at most. The default is 8 MiB. */
        public Builder batchBytes(int value) {
            batchBytes = value;
            return this;
        }

        /** How many bytes a row may have. The default is 16 MiB. */
        public Builder maxRecordBytes(int value) {
            maxRecordBytes = value;
            return this;
        }

        /**
         * How many times its size the content of a compressed source may have. The default is 200.
         */
        public Builder maxExpansion(int value) {
            maxExpansion = value;
            return this;
        }

        /** How many bytes the content of a compressed source may have. The default is 1 TiB. */
        public Builder maxDecompressedBytes(long value) {
            maxDecompressedBytes = value;
            return this;
        }

        /**
         * The format with these options.
         *
         * @throws IllegalArgumentException naming the option, its value and what is allowed
         */
        public DelimitedFormat build() {
            return new DelimitedFormat(
                    delimiter,
                    quote,
                    escape,
                    header,
                    columns,
                    nullToken,
                    comment,
                    charset,
                    batchBytes,
                    maxRecordBytes,
                    maxExpansion,
                    maxDecompressedBytes);
        }

        private static char character(String option, String value) {
            if (value.length() == 1) {
                return value.charAt(0);
            }
            return switch (value) {
                case "\\t", "tab" -> '\t';
                case "", "none" -> NONE;
                default ->
                        throw new IllegalArgumentException(
                                "The option '"
                                        + option
                                        + "' is '"
                                        + value
                                        + "', but it must be one ASCII character, \\t, tab or"
                                        + " none");
            };
        }
    }
}
