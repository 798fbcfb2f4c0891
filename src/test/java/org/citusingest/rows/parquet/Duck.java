package org.citusingest.rows.parquet;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** DuckDB, which writes Parquet for the tests and reads it by itself. */
public final class Duck implements AutoCloseable {
    private static final String TYPED =
            """
            SELECT i::INTEGER AS id,
                i % 2 = 0 AS flag,
                (i % 256 - 128)::TINYINT AS tiny, (i * 7)::SMALLINT AS small, i * 1000000007 AS big,
                (i % 256)::UTINYINT AS utiny, i::USMALLINT AS usmall, (4294967295 - i)::UINTEGER AS uint,
                (18446744073709551615 - i)::UBIGINT AS ubig,
                (i / 7)::FLOAT AS real4, i / 7 AS real8,
                ((i % 900 - 50) / 8)::DECIMAL(4, 1) AS dec4, ((i - 50) / 8)::DECIMAL(9, 3) AS dec9,
                ((i - 50) / 8)::DECIMAL(18, 6) AS dec18, ((i - 50) / 8)::DECIMAL(38, 10) AS dec38,
                'text ' || repeat('äß€😀', (i % 5)::INTEGER) || i % 17 AS word,
                encode('bytes' || i) AS bytes,
                DATE '1969-12-31' + i::INTEGER AS day,
                TIME '00:00:00' + INTERVAL (i * 12345) MILLISECOND AS clock,
                TIMESTAMP '1969-12-31 23:59:59.5' + INTERVAL (i * 1234567891) MICROSECOND AS local,
                TIMESTAMPTZ '1969-12-31 23:59:59.5+00' + INTERVAL (i * 86400001) MILLISECOND AS moment,
                uuid() AS key, ('word' || i % 3)::ENUM('word0', 'word1', 'word2') AS choice,
                CASE WHEN i % 10 <> 0 THEN i END AS seldom, NULL::INTEGER AS never,
                [i, NULL, i + 1] AS list, {'a': i, 'b': {'c': 'x"y', 'd': [i % 2 = 0]}} AS struct,
                MAP {'k' || i: i / 2, 'l': NULL} AS map
            FROM range(ROWS) AS r(i)
            """;

    private final Connection connection;

    public Duck() throws SQLException {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        execute("SET TimeZone = 'UTC'", "SET preserve_insertion_order = true", "SET threads = 1");
    }

    public void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /**
     * Writes what a query gives.
     *
     * @param options those of COPY, such as {@code COMPRESSION zstd}
     */
    public Path write(Path file, String query, String... options) throws SQLException {
        String all =
                Arrays.stream(options).map(option -> ", " + option).collect(Collectors.joining());
        execute("COPY (%s) TO '%s' (FORMAT parquet%s)".formatted(query, file, all));
        return file;
    }

    /** All rows of a query, each value as its text or null. */
    public List<List<String>> rows(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            List<List<String>> rows = new ArrayList<>();
            int width = row.getMetaData().getColumnCount();
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= width; i++) {
                    values.add(row.getString(i));
                }
                rows.add(values);
            }
            return rows;
        }
    }

    /** The types of the columns of a file, in DuckDB's words. */
    List<String> types(Path file) throws SQLException {
        return rows("DESCRIBE SELECT * FROM read_parquet('%s')".formatted(file)).stream()
                .map(column -> column.get(1))
                .toList();
    }

    /** All rows of a file, each value in the text that PostgreSQL would read. */
    public List<List<String>> read(Path file) throws SQLException {
        return rows(texts(file));
    }

    /** A query for those texts. */
    public String texts(Path file) throws SQLException {
        String columns =
                rows("DESCRIBE SELECT * FROM read_parquet('%s')".formatted(file)).stream()
                        .map(c -> text('"' + c.get(0) + '"', c.get(1)) + " AS \"" + c.get(0) + '"')
                        .collect(Collectors.joining(", "));
        return "SELECT %s FROM read_parquet('%s')".formatted(columns, file);
    }

    /**
     * The query of a file with a column of each type of DuckDB, and NULL in it; up to 4500 rows.
     */
    public static String typed(int rows) {
        return TYPED.replace("ROWS", String.valueOf(rows));
    }

    private static String text(String column, String type) {
        if (type.endsWith("]") || type.startsWith("STRUCT") || type.startsWith("MAP")) {
            return "to_json(%s)::VARCHAR".formatted(column);
        }
        return switch (type) {
            case "BLOB" -> "'\\x' || lower(hex(%s))".formatted(column);
            case "TIMESTAMP_NS" -> "%s::TIMESTAMP::VARCHAR".formatted(column);
            case "TIME_NS" -> "%s::TIME::VARCHAR".formatted(column);
            default -> "%s::VARCHAR".formatted(column);
        };
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
