package org.citusingest.citus;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.citusingest.ledger.Claim;
import org.citusingest.rows.Field;

/**
 * A value that the source of a row does not have in it, but that is known of the row.
 *
 * @param what what it is
 * @param text of {@link What#TEXT} the text itself, of {@link What#PATH} the name in the path
 */
record Given(What what, String text) {
    /** What may be known of a row. */
    enum What {
        /** The id of its load in the ledger. */
        LOAD_ID,
        /** What a person calls its source: container and blob, or the key. */
        BLOB,
        /** Its number in the source. */
        ROW_NUMBER,
        /** When the attempt at loading it began, by the database. */
        LOADED_AT,
        /**
         * The value of a {@code name=value} in the path of the blob, as Hive lays out partitions.
         */
        PATH,
        /** A text that is the same for all rows. */
        TEXT,
        /** A JSON object of the fields that have no column. */
        RESCUED
    }

    static final Given RESCUED = new Given(What.RESCUED, "");

    /** The columns that are filled wherever a table has them and the source does not. */
    static final Map<String, Given> BY_COLUMN =
            Map.of(
                    Table.LOAD_ID,
                    new Given(What.LOAD_ID, ""),
                    "_blob",
                    new Given(What.BLOB, ""),
                    "_row_number",
                    new Given(What.ROW_NUMBER, ""),
                    "_loaded_at",
                    new Given(What.LOADED_AT, ""));

    private static final String HIVE_NULL = "__HIVE_DEFAULT_PARTITION__";
    private static final Pattern PATH = Pattern.compile("\\{path\\.([^{}]+)\\}");
    private static final Pattern BRACES = Pattern.compile("\\{(.*)\\}");

    /** What an option says that a column has; quotes are gone where it had some. */
    static Given parse(String text, boolean quoted) {
        Matcher path = PATH.matcher(text);
        if (!quoted && path.matches()) {
            return new Given(What.PATH, path.group(1));
        }
        if (!quoted && text.equals("{blob}")) {
            return new Given(What.BLOB, "");
        }
        if (!quoted && BRACES.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "values= has %s, which is none of {blob} and {path.NAME}; put it in single quotes if it is the text that you mean"
                            .formatted(text));
        }
        return new Given(What.TEXT, text);
    }

    /** Whether all rows of a load have the same. */
    boolean constant() {
        return what != What.ROW_NUMBER && what != What.RESCUED;
    }

    /**
     * The value for the rows of a load; empty for NULL. One that is not constant is to be set for
     * each row.
     *
     * @throws TableException when the path of the blob does not have it
     */
    Optional<Field> of(Claim claim) {
        Field field = new Field();
        switch (what) {
            case LOAD_ID -> field.setInteger(claim.id());
            case BLOB -> field.setText(claim.source());
            case LOADED_AT ->
                    field.setTimestamptz(
                            ChronoUnit.MICROS.between(Instant.EPOCH, claim.claimedAt()));
            case TEXT -> field.setText(text);
            case PATH -> {
                String value = path(claim.blob());
                if (value.equals(HIVE_NULL)) {
                    return Optional.empty();
                }
                field.setText(value);
            }
            case ROW_NUMBER, RESCUED -> field.setText("");
        }
        return Optional.of(field);
    }

    private String path(String blob) {
        String[] parts = blob.split("/", -1);
        // The last one is the name of the file.
        for (int i = 0; i < parts.length - 1; i++) {
            if (parts[i].startsWith(text + "=")) {
                return decoded(parts[i].substring(text.length() + 1));
            }
        }
        throw new TableException(
                "values= takes {path.%s} from the path of the blob, which has no folder '%s=...': %s"
                        .formatted(text, text, blob));
    }

    /** Without the percent signs by which Hive and Spark write what a path cannot have. */
    private static String decoded(String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return part;
        }
    }
}
