package org.citusingest.faults;

import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A message of a client to PostgreSQL, and which of them a rule is about.
 *
 * @param type its type in the protocol, such as {@code Q}
 * @param sql the statement that it executes, without a semicolon at the end; empty for a message
 *     that executes none
 */
public record Message(char type, String sql) {
    /** The type of a piece of COPY data. */
    private static final char COPY_DATA = 'd';

    /**
     * The execution of a statement, in the simple or the extended form of the protocol.
     *
     * @param pattern a regular expression for the whole statement, in upper or lower case
     */
    public static Predicate<Message> query(String pattern) {
        Pattern compiled = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
        return message -> !message.sql.isEmpty() && compiled.matcher(message.sql).matches();
    }

    /** The end of a transaction that is to stay. */
    public static Predicate<Message> commit() {
        return query("COMMIT( TRANSACTION)?");
    }

    /** The first half of Citus' two-phase commit, from the coordinator to a worker. */
    public static Predicate<Message> prepareTransaction() {
        return query("PREPARE TRANSACTION .*");
    }

    /** The second half of Citus' two-phase commit, from the coordinator to a worker. */
    public static Predicate<Message> commitPrepared() {
        return query("COMMIT PREPARED .*");
    }

    /** A piece of the data of a COPY. */
    public static Predicate<Message> copyData() {
        return message -> message.type == COPY_DATA;
    }
}
