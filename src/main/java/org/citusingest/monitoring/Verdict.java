package org.citusingest.monitoring;

/**
 * What a check has found.
 *
 * @param reason a code, which everyone may see
 * @param text what it means, for those who have logged in
 */
record Verdict(boolean up, String reason, String text) {
    static Verdict up(String text) {
        return new Verdict(true, null, text);
    }

    static Verdict down(String reason, String text) {
        return new Verdict(false, reason, text);
    }
}
