package org.citusingest.ledger;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;

/** What an error means for the load that it ended. */
public final class Failure {
    /**
     * Bad values, violated constraints, things that do not exist or are not allowed, what the
     * server cannot do.
     */
    private static final Set<String> PERMANENT_CLASSES = Set.of("0A", "22", "23", "28", "42");

    private Failure() {}

    /**
     * Whether the same load would fail again, so that only a change of the file, the route or the
     * table helps.
     */
    public static boolean isPermanent(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return PERMANENT_CLASSES.contains(
                        sql.getSQLState().substring(0, Math.min(2, sql.getSQLState().length())));
            }
            if (cause instanceof SQLException || cause instanceof IOException) {
                return false;
            }
        }
        return true;
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
                || message == null
                || message.equals(error.getCause().toString());
    }
}
