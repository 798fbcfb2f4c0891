package org.citusingest.monitoring;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.citusingest.ledger.Failure;
import org.citusingest.monitoring.Page.Answer;

/**
 * Camel's health checks, ours among them, as pages. Everyone sees the names, whether they are UP,
 * and codes of reasons; what it means in words, which may name hosts and files, is for those who
 * have logged in.
 */
final class HealthPages {
    private static final String JSON = "application/json";
    private static final Pattern CODE = Pattern.compile("[a-z0-9-]{1,30}");

    private final ObjectMapper json = new ObjectMapper();
    private volatile CamelContext context;

    /** There are checks from now on. */
    void show(CamelContext context) {
        this.context = context;
    }

    /** All checks. */
    Answer all(boolean known) throws JsonProcessingException {
        return answer(results(), known);
    }

    /**
     * Those without which the process cannot do its work. A route that does not work is none: one
     * that is taken out of service for it would stop the others too.
     */
    Answer ready(boolean known) throws JsonProcessingException {
        return answer(
                results().stream()
                        .filter(
                                one ->
                                        one.getCheck().isReadiness()
                                                && (isOurs(one.getCheck())
                                                        || one.getCheck()
                                                                .getId()
                                                                .equals("context")))
                        .toList(),
                known);
    }

    /** Whether another process should take its place: that mends a deadlock, and no database. */
    Answer live(boolean known) throws JsonProcessingException {
        boolean locked = ManagementFactory.getThreadMXBean().findDeadlockedThreads() != null;
        Map<String, Object> check = new LinkedHashMap<>();
        check.put("name", "threads");
        check.put("status", locked ? "DOWN" : "UP");
        if (locked) {
            check.put("reason", "deadlock");
        }
        return answer(!locked, List.of(check));
    }

    private static boolean isOurs(HealthCheck check) {
        return CachedCheck.GROUP.equals(check.getGroup());
    }

    private Collection<HealthCheck.Result> results() {
        if (context == null) {
            return List.of();
        }
        HealthCheckHelper.getHealthCheckRegistry(context).stream()
                .filter(CachedCheck.class::isInstance)
                .forEach(one -> ((CachedCheck) one).begin());
        return HealthCheckHelper.invoke(context, "full");
    }

    private Answer answer(Collection<HealthCheck.Result> results, boolean known)
            throws JsonProcessingException {
        List<Map<String, Object>> checks = new ArrayList<>();
        results.stream()
                .sorted(Comparator.comparing(one -> one.getCheck().getId()))
                .forEach(one -> checks.add(line(one, known)));
        boolean up =
                context != null
                        && results.stream()
                                .noneMatch(one -> one.getState() == HealthCheck.State.DOWN);
        return answer(up, checks);
    }

    private Answer answer(boolean up, List<Map<String, Object>> checks)
            throws JsonProcessingException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", up ? "UP" : "DOWN");
        body.put("checks", checks);
        return new Answer(up ? 200 : 503, JSON, json.writeValueAsString(body) + "\n");
    }

    private static Map<String, Object> line(HealthCheck.Result result, boolean known) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("name", result.getCheck().getId());
        line.put("status", result.getState().name());
        if (result.getState() == HealthCheck.State.DOWN) {
            line.put("reason", reason(result));
        }
        if (known) {
            result.getMessage().ifPresent(text -> line.put("message", text));
            result.getError().ifPresent(error -> line.put("error", Failure.oneLine(error)));
            Map<String, Object> details = new LinkedHashMap<>(result.getDetails());
            details.keySet()
                    .removeIf(
                            key ->
                                    HealthCheckHelper.isReservedKey(key)
                                            || key.equals(CachedCheck.REASON));
            if (isOurs(result.getCheck()) && !details.isEmpty()) {
                line.put("details", details);
            }
        }
        return line;
    }

    /** Only a code: what others call a reason may say anything. */
    private static String reason(HealthCheck.Result result) {
        String reason = String.valueOf(result.getDetails().get(CachedCheck.REASON));
        return CODE.matcher(reason).matches() && !reason.equals("null") ? reason : "failed";
    }
}
