import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Writes the rows of {@code Generate} as Parquet, with the types that they have and the defaults of
 * DuckDB, whose driver is to be on the class path: {@code java -cp ... Parquet.java CSV PARQUET}.
 */
final class Parquet {
    private Parquet() {}

    public static void main(String[] args) throws SQLException {
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute(
                    """
                    COPY (SELECT site_id::INTEGER AS site_id, ingest_time::TIMESTAMPTZ AS ingest_time, url,
                            request_country, ip_address, status_code::INTEGER AS status_code,
                            response_time_msec::INTEGER AS response_time_msec
                        FROM read_csv('%s', all_varchar = true)) TO '%s' (FORMAT parquet)
                    """
                            .formatted(args[0], args[1]));
        }
    }
}
