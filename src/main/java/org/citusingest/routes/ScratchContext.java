package org.citusingest.routes;

import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Registry;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.support.DefaultRegistry;

/**
 * A context in which a route file is built for trial. It starts no consumer, and ends without a
 * trace.
 */
final class ScratchContext {
    private static final String COPY_THREADS = "copy";

    private ScratchContext() {}

    /** A context with the beans, the properties and the copy threads of another one. */
    static CamelContext like(CamelContext context) {
        Registry lent = context.getRegistry();
        DefaultCamelContext scratch = new DefaultCamelContext(false);
        // What the file binds stays in the scratch registry; what it asks for is found in the lent
        // one.
        scratch.getCamelContextExtension().setRegistry(new DefaultRegistry(lent));
        scratch.setAutoStartup(false);
        scratch.disableJMX();
        scratch.setStreamCaching(false);
        scratch.getPropertiesComponent()
                .setOverrideProperties(context.getPropertiesComponent().loadProperties());
        scratch.build();
        ThreadPoolProfile copy =
                context.getExecutorServiceManager().getThreadPoolProfile(COPY_THREADS);
        if (copy != null) {
            scratch.getExecutorServiceManager().registerThreadPoolProfile(copy.clone());
        }
        return scratch;
    }
}
