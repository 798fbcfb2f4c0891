package org.citusingest.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * What http_request_1min holds, beside a recount of http_request.
 *
 * @param requests how many rows http_request has
 * @param minutes how many rows http_request_1min has
 * @param differences how many rows of the summary and the recount have no equal in the other
 * @param busiestMinutes the five minutes with the most requests, the busiest first
 * @param busiestSites the five sites with the most requests, the busiest first
 */
public record SummaryCheck(
        long requests,
        long minutes,
        long differences,
        List<BusyMinute> busiestMinutes,
        List<BusySite> busiestSites) {

    private static final String COUNTS =
            """
            SELECT requests, minutes FROM (SELECT count(*) AS requests FROM http_request) r,
                (SELECT count(*) AS minutes FROM http_request_1min) m
            """;

    /** One statement, so both sides are read at one time. */
    private static final String DIFFERENCES =
            """
            WITH summary AS (
                SELECT site_id, ingest_time, error_count::bigint, success_count::bigint,
                    request_count::bigint, sum_response_time_msec
                FROM http_request_1min
            ), recount AS (
                SELECT site_id, date_trunc('minute', ingest_time),
                    sum(CASE WHEN status_code >= 400 THEN 1 ELSE 0 END),
                    sum(CASE WHEN status_code < 400 THEN 1 ELSE 0 END),
                    count(*), coalesce(sum(response_time_msec), 0)
                FROM http_request GROUP BY 1, 2
            )
            SELECT count(*) FROM (
                (SELECT * FROM summary EXCEPT SELECT * FROM recount)
                UNION ALL
                (SELECT * FROM recount EXCEPT SELECT * FROM summary)) AS different
            """;

    private static final String BUSIEST_MINUTES =
            """
            SELECT ingest_time, sum(request_count), sum(error_count)
            FROM http_request_1min GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5
            """;

    /** A left join, for the sites are another load and may not be there yet. */
    private static final String BUSIEST_SITES =
            """
            SELECT site_id, coalesce(max(name), ''), sum(request_count), sum(error_count),
                sum(sum_response_time_msec) / sum(request_count)
            FROM http_request_1min LEFT JOIN site USING (site_id)
            GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT 5
            """;

    /** All requests of a minute. */
    public record BusyMinute(Instant minute, long requests, long errors) {}

    /** All requests to a site; its name is empty where the table site has none. */
    public record BusySite(
            int siteId, String name, long requests, long errors, long averageMilliseconds) {}

    /** Whether the summary is what counting the requests anew would give. */
    public boolean equal() {
        return differences == 0;
    }

    /** Reads both tables. */
    public static SummaryCheck of(DataSource database) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            long requests;
            long minutes;
            try (ResultSet counts = statement.executeQuery(COUNTS)) {
                counts.next();
                requests = counts.getLong(1);
                minutes = counts.getLong(2);
            }
            long differences;
            try (ResultSet count = statement.executeQuery(DIFFERENCES)) {
                count.next();
                differences = count.getLong(1);
            }
            return new SummaryCheck(
                    requests,
                    minutes,
                    differences,
                    busiestMinutes(statement),
                    busiestSites(statement));
        }
    }

    private static List<BusyMinute> busiestMinutes(Statement statement) throws SQLException {
        List<BusyMinute> found = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(BUSIEST_MINUTES)) {
            while (row.next()) {
                found.add(
                        new BusyMinute(
                                row.getTimestamp(1).toInstant(), row.getLong(2), row.getLong(3)));
            }
        }
        return List.copyOf(found);
    }

    private static List<BusySite> busiestSites(Statement statement) throws SQLException {
        List<BusySite> found = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(BUSIEST_SITES)) {
            while (row.next()) {
                found.add(
                        new BusySite(
                                row.getInt(1),
                                row.getString(2),
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5)));
            }
        }
        return List.copyOf(found);
    }
}
