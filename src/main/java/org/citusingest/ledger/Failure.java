package org.citusingest.ledger;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import java.util.regex.Pattern;

/** What an error means for the load that it ended. */
public final class Failure {
    /**
     * Bad values, violated constraints, things that do not exist or are not allowed, what the
     * server cannot do.
     */
    private static final Set<String> PERMANENT_CLASSES = Set.of("0A", "22", "23", "28", "42");

    /** Conflicts with others, and resources that are used up: disk, memory, connections. */
    private static final Set<String> PASSING_CLASSES = Set.of("40", "53");

    /**
     * No connection to be had, a server that starts or may only be read from, a lock that another
     * one holds. A connection that is lost is none of them: the load may be the reason.
     */
    private static final Set<String> PASSING_STATES =
            Set.of("08001", "08004", "57P03", "25006", "55P03");

    /** Citus passes such an answer of a worker on as a connection that failed. */
    private static final Pattern FULL =
            Pattern.compile(
                    "too many clients already|remaining connection slots are reserved|too many connections for ");

    private Failure() {}

    /**
     * Whether the failure is of the surroundings, whatever was being loaded: it does not count as
     * an attempt.
     */
    public static boolean isPassing(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLTransientConnectionException) {
                return true;
            }
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                String state = sql.getSQLState();
                return PASSING_STATES.contains(state)
                        || PASSING_CLASSES.contains(prefix(state))
                        || isFull(sql);
            }
        }
        return false;
    }

    /** Whether a server has no connection left. */
    public static boolean isFull(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql
                    && ("53300".equals(sql.getSQLState())
                            || FULL.matcher(String.valueOf(sql.getMessage())).find())) {
                return true;
            }
        }
        return false;
    }

    private static String prefix(String state) {
        return state.substring(0, Math.min(2, state.length()));
    }

    /**
     * Whether the same load would fail again, so that only a change of the file, the route or the
     * table helps.
     */
    public static boolean isPermanent(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLTransientConnectionException) {
                // Without a connection nobody knows; a password or a role is mended.
                return false;
            }
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return PERMANENT_CLASSES.contains(prefix(sql.getSQLState()));
            }
            if (cause instanceof SQLException || cause instanceof IOException) {
                return false;
            }
        }
        // A ledger that forbids what was asked has given the load to another process.
        return !(error instanceof LedgerException);
    }

    /** The error in one line: the first one in the chain of causes that is not just a wrapper. */
    public static String oneLine(Throwable error) {
        Throwable told = error;
        while (told.getCause() != null && told.getCause() != told && isWrapper(told)) {
            told = told.getCause();
        }
        String message = told.getMessage();
        boolean ours = told.getClass().getName().startsWith("org.citusingest.");
        String text = message == null ? told.getClass().getSimpleName() : message;
        String name =
                message == null || ours || told instanceof SQLException
                        ? ""
                        : told.getClass().getSimpleName() + ": ";
        return (name + text).replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }

    private static boolean isWrapper(Throwable error) {
        String message = error.getMessage();
        return error.getClass().getName().startsWith("org.apache.camel.")
                || error instanceof java.io.UncheckedIOException
                || error instanceof java.util.concurrent.ExecutionException
                // The pool only says how long it has tried; the server said why not.
                || (error instanceof SQLTransientConnectionException
                        && error.getCause() instanceof SQLException)
                || message == null
                || message.equals(error.getCause().toString());
    }
}
