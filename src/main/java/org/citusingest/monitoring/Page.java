package org.citusingest.monitoring;

/** What the management server shows under a path. */
@FunctionalInterface
interface Page {
    /**
     * The page as it is now.
     *
     * @param known whether it is for someone who has logged in
     */
    Answer get(boolean known) throws Exception;

    /** An answer to a request. */
    record Answer(int status, String type, String body) {}
}
