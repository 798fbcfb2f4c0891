package org.citusingest.pgevent;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.apache.camel.Consumer;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.component.pgevent.PgEventEndpoint;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A channel of a database: {@code pgevent:host:port/database/channel?user=&pass=}, or {@code
 * pgevent:///database/channel?datasource=#bean}, where the bean says which database it is. Either
 * way it is PostgreSQL's own driver that connects.
 */
public class NotificationEndpoint extends PgEventEndpoint implements MultipleConsumersSupport {
    // NAMEDATALEN - 1; the server refuses longer ones.
    private static final int LONGEST_CHANNEL = 63;

    private boolean resync;
    private int pingInterval = 10_000;

    NotificationEndpoint(String uri, NotificationComponent component) {
        // Camel's patterns would look for the channel in the options too, and find it behind a
        // slash in a password.
        super(path(uri), component);
        setEndpointUri(uri);
        String channel = getChannel();
        if (!path(uri).endsWith("/" + channel) || channel.length() > LONGEST_CHANNEL) {
            throw new IllegalArgumentException(
                    "The channel in %s must be 1 to %d letters, digits and underscores, after the last slash"
                            .formatted(path(uri), LONGEST_CHANNEL));
        }
    }

    private static String path(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        NotificationConsumer consumer = new NotificationConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public Producer createProducer() {
        return new NotificationProducer(this);
    }

    /** Every consumer has a session of its own, and hears everything. */
    @Override
    public boolean isMultipleConsumersSupported() {
        return true;
    }

    /** A connection for as long as it is listened to: not one of a pool, where that can be. */
    Connection connectToListen() throws SQLException {
        DataSource given = getDatasource();
        return (given == null ? server() : Unpooled.of(given)).getConnection();
    }

    /** A connection for one statement. */
    Connection connectToSend() throws SQLException {
        return (getDatasource() == null ? server() : getDatasource()).getConnection();
    }

    private DataSource server() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {getHost()});
        source.setPortNumbers(new int[] {getPort()});
        source.setDatabaseName(getDatabase());
        source.setUser(getUser());
        source.setPassword(getPass());
        return Unpooled.bounded(source);
    }

    public boolean isResync() {
        return resync;
    }

    /**
     * Whether an exchange without a body, with the header CamelPgEventResync, follows each connect,
     * the first one too. PostgreSQL keeps no notification for a session that is not there: a route
     * that must miss nothing looks for it when this exchange comes.
     */
    public void setResync(boolean resync) {
        this.resync = resync;
    }

    public int getPingInterval() {
        return pingInterval;
    }

    /**
     * Milliseconds without a notification after which the consumer asks the server whether the
     * session is still there. A network that drops idle connections needs it to be shorter than its
     * limit.
     */
    public void setPingInterval(int pingInterval) {
        if (pingInterval < 1) {
            throw new IllegalArgumentException(
                    "pingInterval is %d; it must be a positive number of milliseconds"
                            .formatted(pingInterval));
        }
        this.pingInterval = pingInterval;
    }

    Duration longestReconnectDelay() {
        return Duration.ofMillis(Math.max(1, getReconnectDelay()));
    }
}
