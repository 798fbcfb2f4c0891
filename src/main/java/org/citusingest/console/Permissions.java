package org.citusingest.console;

import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import javax.management.MBeanInfo;
import javax.management.ObjectName;
import org.jolokia.server.core.service.api.DataUpdater;

/**
 * Tells Hawtio beside each operation whether {@link ConsolePolicy} lets it be called, so that a
 * button which would be refused cannot be pressed.
 */
final class Permissions extends DataUpdater {
    /** After those that list the operations. */
    private static final int ORDER = 200;

    private final ConsolePolicy policy;

    Permissions(ConsolePolicy policy) {
        super(ORDER);
        this.policy = policy;
    }

    @Override
    public String getKey() {
        return "canInvoke";
    }

    @Override
    public void update(
            Map<String, Object> mbean, ObjectName name, MBeanInfo info, Deque<String> path) {
        if (mbean.get("op") instanceof Map<?, ?> operations) {
            operations.forEach(
                    (operation, signatures) ->
                            each(
                                    signatures,
                                    signature ->
                                            isWithoutArguments(signature)
                                                    && policy.isOperationAllowed(
                                                            name, operation.toString())));
        }
        if (mbean.get("attr") instanceof Map<?, ?> attributes) {
            attributes.values().forEach(attribute -> put(attribute, "rw", false));
        }
    }

    private interface Rule {
        boolean allows(Map<?, ?> signature);
    }

    /** One signature, or a list of them where there are several of the same name. */
    private static void each(Object signatures, Rule rule) {
        for (Object one :
                signatures instanceof Collection<?> several ? several : List.of(signatures)) {
            if (one instanceof Map<?, ?> signature) {
                put(signature, "canInvoke", rule.allows(signature));
            }
        }
    }

    private static boolean isWithoutArguments(Map<?, ?> signature) {
        return signature.get("args") instanceof Collection<?> arguments && arguments.isEmpty();
    }

    @SuppressWarnings("unchecked") // a JSON object
    private static void put(Object map, String key, boolean value) {
        ((Map<String, Object>) map).put(key, value);
    }
}
