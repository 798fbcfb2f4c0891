package org.citusingest.pgevent;

import org.apache.camel.component.pgevent.PgEventConstants;

/** The headers of an exchange that {@code pgevent:} begins. */
public final class NotificationConstants {
    /** The name of the channel, on every exchange. */
    public static final String CHANNEL = PgEventConstants.HEADER_CHANNEL;

    /**
     * True on the exchange without a body that follows each connect where the option {@code resync}
     * is set, and on no other: whatever was sent before it may have been missed.
     */
    public static final String RESYNC = "CamelPgEventResync";

    private NotificationConstants() {}
}
