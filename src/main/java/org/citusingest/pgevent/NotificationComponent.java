package org.citusingest.pgevent;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.component.pgevent.PgEventComponent;
import org.apache.camel.spi.Registry;
import org.apache.camel.util.URISupport;

/**
 * Camel's {@code pgevent}, with a consumer that outlives its sessions. The one of Camel 4.17.0
 * opens a further session every few seconds once it has lost the first one, and hears nothing after
 * it has lost a second. URI and options are those of Camel's.
 */
public class NotificationComponent extends PgEventComponent {
    private static final String SCHEME = "pgevent";

    static {
        // Camel masks no option of this name in the URIs that it logs.
        URISupport.addSanitizeKeywords("pass");
    }

    /**
     * Has the scheme {@code pgevent} served by this component in every context that looks into the
     * registry: a bean counts before the component of the class path. Each context gets its own.
     */
    public static void bind(Registry registry) {
        registry.bindAsPrototype(SCHEME, NotificationComponent.class, NotificationComponent::new);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        NotificationEndpoint endpoint = new NotificationEndpoint(uri, this);
        setProperties(endpoint, parameters);
        return endpoint;
    }
}
