package org.citusingest;

import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.citusingest.blobs.BlobsComponent;
import org.citusingest.ledger.Ledger;

/**
 * Wakes the routes of this process when a load of theirs begins to wait, whichever process has
 * registered it. It only saves the time until the next poll: what is not heard is found by that.
 */
final class WaitingRoute extends RouteBuilder {
    static final String ID = "waiting-loads";

    @Override
    public void configure() {
        from("pgevent:///ledger/%s?datasource=#citus&resync=true".formatted(Ledger.WAITING_CHANNEL))
                .routeId(ID)
                .routeDescription("Wakes the pipelines whose loads wait")
                .process(this::wake);
    }

    /** After a session that was lost, nobody knows who was called. */
    private void wake(Exchange exchange) {
        exchange.getContext()
                .getComponent("blobs", BlobsComponent.class)
                .wake(Optional.ofNullable(exchange.getIn().getBody(String.class)));
    }
}
