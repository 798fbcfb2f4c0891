package org.citusingest.pgevent;

/** What a listener tells of. */
sealed interface Notification {
    /** A notification of the channel. */
    record Sent(String payload) implements Notification {}

    /** A session has begun: from here on everything is heard. */
    record Resync() implements Notification {}
}
