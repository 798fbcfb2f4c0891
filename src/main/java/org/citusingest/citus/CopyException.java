package org.citusingest.citus;

import java.io.Serial;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The server refused the rows. The message says which row of which source, the column, the value
 * and why.
 */
public final class CopyException extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    // The context that PostgreSQL gives, such as: COPY http_request, line 3, column site_id:
    // "twelve"
    private static final Pattern PLACE =
            Pattern.compile(
                    "COPY .*?, line (\\d+)(?:, column ([^:\\n]+))?(?:: \"(.*?)\")?(?:\\n|$)",
                    Pattern.DOTALL);

    // Citus names the shard, such as http_request_102010, where the user knows the table. Only in
    // names: a value or the source may look the same.
    private static final Pattern SHARD_SUFFIX =
            Pattern.compile("((?:relation|constraint) \"[^\"]*?)_\\d{6,}(?=\")");

    private CopyException(String message, SQLException cause) {
        super(message, cause);
    }

    /**
     * Describes what the server refused.
     *
     * @param rows the rows that were sent with the statement, in its order
     */
    static CopyException of(String source, CopyTarget target, RowNumbers rows, SQLException error) {
        ServerErrorMessage server =
                error instanceof PSQLException e ? e.getServerErrorMessage() : null;
        Matcher place =
                PLACE.matcher(server == null || server.getWhere() == null ? "" : server.getWhere());
        boolean found = place.find();
        StringBuilder text = new StringBuilder(source);
        if (found && Long.parseLong(place.group(1)) <= rows.size()) {
            text.append(" row ").append(rows.at(Long.parseLong(place.group(1)) - 1));
        } else if (rows.size() > 0) {
            text.append(" in rows ").append(rows.lowest()).append(" to ").append(rows.highest());
        }
        String column =
                found && place.group(2) != null
                        ? place.group(2)
                        : server == null ? null : server.getColumn();
        if (column != null) {
            text.append(", column ").append(column);
        }
        if (found && column != null && place.group(3) != null) {
            text.append(", value \"").append(place.group(3)).append('"');
        }
        text.append(": ").append(error.getSQLState()).append(' ');
        text.append(server == null ? error.getMessage() : message(server, target));
        if (server != null && server.getDetail() != null) {
            text.append(" (").append(server.getDetail()).append(')');
        }
        String line = text.toString().replaceAll("\\s*[\\r\\n]+\\s*", " ");
        return new CopyException(
                line + ". Nothing of this load is in " + target.table().name() + hint(error),
                error);
    }

    private static String message(ServerErrorMessage server, CopyTarget target) {
        return target.table().citus()
                ? SHARD_SUFFIX.matcher(String.valueOf(server.getMessage())).replaceAll("$1")
                : server.getMessage();
    }

    private static String hint(SQLException error) {
        String state = error.getSQLState() == null ? "" : error.getSQLState();
        return state.startsWith("22") || state.startsWith("23")
                ? "; correct the row and upload the file again"
                : "";
    }
}
