package org.citusingest.console;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.jolokia.server.core.service.api.Restrictor;
import org.jolokia.server.core.util.HttpMethod;
import org.jolokia.server.core.util.RequestType;

/**
 * What the console may ask of the MBeans: it reads those about the work that is done here, calls
 * the few operations that Hawtio draws from and that pause and resume, and writes nothing.
 *
 * <p>Everything is refused that is not named here: an MBean that can send a message, load a class
 * or write the heap into a file is as good as a shell.
 */
final class ConsolePolicy implements Restrictor {
    private static final String CAMEL = "org.apache.camel";
    private static final String OURS = "org.citusingest";

    private static final Set<String> DOMAINS =
            Set.of(CAMEL, OURS, "com.zaxxer.hikari", "java.lang");

    private static final Set<RequestType> READING =
            Set.of(RequestType.READ, RequestType.LIST, RequestType.SEARCH, RequestType.VERSION);

    /** They hold the environment: whatever was given to the JVM, passwords too. */
    private static final Set<String> HIDDEN_OF_JVM =
            Set.of("SystemProperties", "InputArguments", "ClassPath", "LibraryPath");

    private static final ObjectName JVM = name("java.lang:type=Runtime");

    /** As Hawtio asks for them; those with a name alone take no text and no object. */
    private static final Map<ObjectName, Set<String>> OPERATIONS =
            Map.of(
                    name(CAMEL + ":type=context,*"),
                    Set.of(
                            "dumpRoutesAsXml()",
                            "dumpRoutesStatsAsXml",
                            "dumpRoutesStatsAsXml(boolean,boolean)"),
                    name(CAMEL + ":type=routes,*"),
                    Set.of(
                            "dumpRouteAsXml()",
                            "dumpRouteStatsAsXml",
                            "dumpRouteStatsAsXml(boolean,boolean)"),
                    name(CAMEL + ":type=services,*"),
                    Set.of("browse()", "endpointStatistics()"),
                    name(OURS + ":*"),
                    Set.of("pause()", "resume()", "sweepNow()", "retryFailed()"));

    private static ObjectName name(String text) {
        try {
            return new ObjectName(text);
        } catch (MalformedObjectNameException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private final Set<RequestType> types;
    private final Set<HttpMethod> methods;

    private ConsolePolicy(Set<RequestType> types, Set<HttpMethod> methods) {
        this.types = types;
        this.methods = methods;
    }

    /** For the page of the console; what a link or an image can ask for is never answered. */
    static ConsolePolicy ofPage() {
        EnumSet<RequestType> types = EnumSet.copyOf(READING);
        types.add(RequestType.EXEC);
        return new ConsolePolicy(types, Set.of(HttpMethod.POST));
    }

    /** For programs that collect: nothing is called. */
    static ConsolePolicy readOnly() {
        return new ConsolePolicy(READING, Set.of(HttpMethod.GET, HttpMethod.POST));
    }

    @Override
    public boolean isAttributeReadAllowed(ObjectName name, String attribute) {
        return !isObjectNameHidden(name)
                && !(JVM.equals(name) && HIDDEN_OF_JVM.contains(attribute));
    }

    @Override
    public boolean isAttributeWriteAllowed(ObjectName name, String attribute) {
        return false;
    }

    @Override
    public boolean isOperationAllowed(ObjectName name, String operation) {
        return types.contains(RequestType.EXEC)
                && OPERATIONS.entrySet().stream()
                        .anyMatch(
                                entry ->
                                        entry.getKey().apply(name)
                                                && entry.getValue().contains(operation));
    }

    @Override
    public boolean isObjectNameHidden(ObjectName name) {
        return !DOMAINS.contains(name.getDomain());
    }

    @Override
    public boolean isTypeAllowed(RequestType type) {
        return types.contains(type);
    }

    @Override
    public boolean isHttpMethodAllowed(HttpMethod method) {
        return methods.contains(method);
    }

    @Override
    public boolean isRemoteAccessAllowed(String... hostOrAddress) {
        return true; // It was asked for a login before.
    }

    @Override
    public boolean isOriginAllowed(String origin, boolean strictCheck) {
        return true; // It was looked at before.
    }
}
