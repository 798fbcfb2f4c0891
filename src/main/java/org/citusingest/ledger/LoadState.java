package org.citusingest.ledger;

import java.util.Locale;

/** Where a load stands. */
public enum LoadState {
    /** Found, or to be tried again; nobody works on it. */
    WAITING,
    /** Owned by a process, until its lease ends. */
    LOADING,
    /** All its rows are in the table. */
    LOADED,
    /** Given up; none of its rows are in the table. */
    FAILED,
    /** Not to be loaded, for the reason in {@code error}. */
    SKIPPED;

    static LoadState parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
