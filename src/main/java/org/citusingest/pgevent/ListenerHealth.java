package org.citusingest.pgevent;

import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** The check of a consumer: DOWN while it has no session, and so hears nothing. */
final class ListenerHealth extends AbstractHealthCheck {
    private final BooleanSupplier heard;

    ListenerHealth(String route, BooleanSupplier heard) {
        super("citus-ingest", "listener:" + route);
        this.heard = heard;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        if (heard.getAsBoolean()) {
            builder.up();
        } else {
            builder.detail("reason", "not-heard");
            builder.message("the channel is not heard, and a new session is tried for");
            builder.down();
        }
    }
}
