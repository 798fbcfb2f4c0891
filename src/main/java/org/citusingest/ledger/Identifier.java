package org.citusingest.ledger;

/** A name in SQL text: the one place that quotes it. */
public final class Identifier {
    private Identifier() {}

    /**
     * The name in double quotes, taken as it is written: {@code Airport "X"} becomes {@code
     * "Airport ""X"""}.
     */
    public static String quote(String name) {
        if (name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "A name in the database cannot hold a NUL character");
        }
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
