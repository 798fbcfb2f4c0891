package org.citusingest.rows.json;

import java.util.List;

/** Why a record is none. */
enum JsonError {
    ENDS_EARLY(true, "it is cut off"),
    NO_VALUE(true, "it is no JSON: a value is expected"),
    NO_KEY(true, "it is no JSON: a key in double quotes is expected"),
    NO_COLON(true, "it is no JSON: a colon is expected"),
    NO_COMMA_IN_OBJECT(true, "it is no JSON: a comma or } is expected"),
    NO_COMMA_IN_ARRAY(true, "it is no JSON: a comma or ] is expected"),
    NO_NUMBER(true, "it is no JSON: a digit is missing in the number"),
    CONTROL_CHARACTER(
            true,
            "it is no JSON: a control character, which has to be escaped, stands in a string"),
    BAD_ESCAPE(true, "it is no JSON: no escape of a string begins with what stands"),
    TOO_DEEP(true, "it is nested deeper than the option 'maxDepth' allows"),
    MORE_TEXT(true, "something follows the end of the JSON in this line"),
    NO_RECORD(false, "it is neither an object nor an array"),
    NO_NAMES(
            false,
            "it is an array, whose elements have no names unless the option 'columns' gives them in order,"),
    OTHER_LENGTH(false, "the array has not as many elements as the option 'columns' has names"),
    BAD_KEY(false, "a key is no text in UTF-8 that a column could have for a name"),
    KEY_TWICE(
            false,
            "a key, in whose value the option 'columns' names others, stands twice: the second value stands"),
    TOO_MANY_KEYS(
            false,
            "there are more than "
                    + Keys.MOST_COLUMNS
                    + " different keys, which so look like values; name those to be read by the option 'columns'; one more stands");

    private static final List<JsonError> ALL = List.of(values());

    private final boolean malformed;
    private final String text;

    JsonError(boolean malformed, String text) {
        this.malformed = malformed;
        this.text = text;
    }

    /** The error that stands in place of the number of values; null for a number. */
    static JsonError of(int count) {
        return count < 0 ? ALL.get(-1 - count) : null;
    }

    /** What stands for it in place of the number of values. */
    int count() {
        return -1 - ALL.indexOf(this);
    }

    /** Whether it is not known where the record ends. */
    boolean isMalformed() {
        return malformed;
    }

    /** The reason in words, without the place. */
    String text() {
        return text;
    }

    /** The reason in words. */
    String at(long byteOffset) {
        return text + " at byte " + byteOffset;
    }
}
