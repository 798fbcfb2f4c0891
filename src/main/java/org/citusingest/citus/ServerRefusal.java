package org.citusingest.citus;

import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** An error of the server that is about a row, as far as it says which and why. */
final class ServerRefusal {
    /**
     * Bad values, violated constraints, values too large for an index, and what a trigger raises.
     */
    private static final Set<String> ABOUT_ROWS = Set.of("22", "23", "54", "P0");

    /** What Citus makes of a constraint that a worker found violated, and of much else. */
    private static final String UNCLEAR = "XX000";

    // The context that PostgreSQL gives, such as: COPY http_request, line 3, column site_id:
    // "twelve"
    private static final Pattern PLACE =
            Pattern.compile("COPY .*?, line (\\d+)(?:, column ([^:\\n]+))?", Pattern.DOTALL);

    // Citus names the shard, such as http_request_102010, where the user knows the table. Only in
    // names: a value or the source may look the same.
    private static final Pattern SHARD_SUFFIX =
            Pattern.compile("((?:relation|table|constraint|index) \"[^\"]*?)_\\d{6,}(?=\")");

    private final SQLException error;
    private final boolean citus;
    private final int line;
    private final String column;

    private ServerRefusal(SQLException error, boolean citus) {
        this.error = error;
        this.citus = citus;
        ServerErrorMessage server = server(error);
        Matcher place =
                PLACE.matcher(server == null || server.getWhere() == null ? "" : server.getWhere());
        boolean placed = place.find() && (!citus || isBadValue());
        line = placed ? Integer.parseInt(place.group(1)) : 0;
        String named = placed ? place.group(2) : null;
        column = named == null && server != null ? server.getColumn() : named;
    }

    /**
     * What the error says of a row.
     *
     * @throws SQLException the error itself, when it is about no row
     */
    static ServerRefusal of(SQLException error, boolean citus) throws SQLException {
        String state = error.getSQLState() == null ? "" : error.getSQLState();
        boolean aboutRow =
                state.length() == 5
                        && (ABOUT_ROWS.contains(state.substring(0, 2))
                                || (citus && state.equals(UNCLEAR)));
        if (!aboutRow) {
            throw error;
        }
        return new ServerRefusal(error, citus);
    }

    /** Whether the error may be about anything, so that the row is to be tried by itself. */
    boolean isUnclear() {
        return UNCLEAR.equals(error.getSQLState());
    }

    /**
     * What a node of Citus finds in a shard of its own comes with a line that is none of this COPY:
     * it has rows of the shard copied by a COPY of its own. Only values are read before that.
     */
    private boolean isBadValue() {
        return error.getSQLState().startsWith("22");
    }

    /** Whether the other one says the same, of a row by itself. */
    boolean isConfirmedBy(ServerRefusal alone) {
        return alone != null
                && !isUnclear()
                && error.getSQLState().equals(alone.error.getSQLState());
    }

    /** Whether the row that is named may be another one, and is to be tried by itself. */
    boolean isHint() {
        return citus;
    }

    /** Which row of the COPY statement it was, counted from 0; -1 when it does not say. */
    int row() {
        return line - 1;
    }

    /** As the refusal of this row of a batch. */
    Refusal at(int index) {
        return new Refusal(index, column, error.getSQLState(), reason(error, citus));
    }

    /** The server's words in one line, with the names that a user knows. */
    static String reason(SQLException error, boolean citus) {
        ServerErrorMessage server = server(error);
        String message = server == null ? error.getMessage() : server.getMessage();
        String text = String.valueOf(message);
        if (citus) {
            text = SHARD_SUFFIX.matcher(text).replaceAll("$1");
        }
        if (server != null && server.getDetail() != null) {
            text += " (" + server.getDetail() + ")";
        }
        return text.replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }

    private static ServerErrorMessage server(SQLException error) {
        return error instanceof PSQLException e ? e.getServerErrorMessage() : null;
    }
}
