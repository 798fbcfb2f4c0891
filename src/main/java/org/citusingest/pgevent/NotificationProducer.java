package org.citusingest.pgevent;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultProducer;

/** Sends the body of an exchange to the channel, and is done when the server has it. */
final class NotificationProducer extends DefaultProducer {
    private final NotificationEndpoint endpoint;

    NotificationProducer(NotificationEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public void process(Exchange exchange) throws SQLException {
        try (Connection connection = endpoint.connectToSend();
                PreparedStatement notify = connection.prepareStatement("SELECT pg_notify(?, ?)")) {
            notify.setString(1, endpoint.getChannel());
            notify.setString(2, exchange.getMessage().getBody(String.class));
            notify.execute();
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        }
    }
}
