package org.citusingest.console;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
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
                    (operation, signatures) -> {
                        for (Map<?, ?> signature : each(signatures)) {
                            String full = operation + types(signature);
                            put(signature, getKey(), policy.isOperationAllowed(name, full));
                        }
                    });
        }
        if (mbean.get("attr") instanceof Map<?, ?> attributes) {
            attributes.values().forEach(attribute -> put(attribute, "rw", false));
        }
    }

    /** One signature, or several where there are some of the same name. */
    private static List<Map<?, ?>> each(Object signatures) {
        List<Map<?, ?>> each = new ArrayList<>();
        for (Object one : signatures instanceof Collection<?> some ? some : List.of(signatures)) {
            if (one instanceof Map<?, ?> signature) {
                each.add(signature);
            }
        }
        return each;
    }

    private static String types(Map<?, ?> signature) {
        StringJoiner types = new StringJoiner(",", "(", ")");
        if (signature.get("args") instanceof Collection<?> arguments) {
            for (Object argument : arguments) {
                types.add(String.valueOf(((Map<?, ?>) argument).get("type")));
            }
        }
        return types.toString();
    }

    @SuppressWarnings("unchecked") // a JSON object
    private static void put(Object map, String key, boolean value) {
        ((Map<String, Object>) map).put(key, value);
    }
}
